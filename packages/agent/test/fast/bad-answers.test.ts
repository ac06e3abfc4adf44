import { call, inOrder, say } from "@twolane/testkit"
import { expect, test } from "vitest"
import { fastPolicy, only, openRig, patchLine } from "./rig.ts"
import { makeTree } from "./tree.ts"

const sum = { "src/sum.js": "export const sum = (a, b) => a - b\n", "lib/x.js": "x\n" }
const right = "export const sum = (a, b) => a + b"
const patch = patchLine("src/sum.js", "export const sum = (a, b) => a - b", right)
const mend = call(["apply_patch", patch])
const isGreen = (files: ReadonlyMap<string, string>) =>
  files.get("src/sum.js") === `${right}\n`
    ? { status: "passed" as const, passed: 2, failed: 0 }
    : { status: "failed" as const, passed: 1, failed: 1, output: "not ok - adds", failures: ["adds"] }

test("a patch that leaves the scope in its last hunk is stopped there, and nothing of it is applied", async () => {
  const more = Array.from({ length: 60 }, (_, n) => `+line ${n}`).join("\n")
  const late = patch.replace("*** End Patch", `*** Update File: lib/x.js\n@@\n-x\n${more}\n*** End Patch`)
  await using rig = await openRig({
    script: inOrder({ ...call(["apply_patch", late]), tokensPerSecond: 400 }, mend),
  })
  const tree = makeTree(sum, isGreen)
  expect(await rig.run(tree, { policy: fastPolicy({ scope: ["src/**"] }) })).toMatchObject({ end: "done" })
  expect(only(rig.log, "guardrail.tripped")).toMatchObject([
    { stage: "stream", rule: "scope", path: "lib/x.js" },
  ])
  expect(only(rig.log, "patch.applied")).toHaveLength(1)
  expect(tree.now.get("lib/x.js")).toBe("x\n")
  expect(await rig.server.requests[0]?.ended).toBe("cut")
})

test.each([
  ["without its end", patch.replace("\n*** End Patch", "")],
  ["without its begin", patch.replace("*** Begin Patch\n", "")],
  ["that is a unified diff", "--- a/src/sum.js\n+++ b/src/sum.js\n@@ -1 +1 @@\n-a\n+b\n"],
  ["that is empty", ""],
])("an envelope %s changes nothing, and the model is told why", async (_, text) => {
  await using rig = await openRig({ script: inOrder(call(["apply_patch", text]), mend) })
  const tree = makeTree(sum, isGreen)
  expect(await rig.run(tree)).toMatchObject({ end: "done", checkpoint: "c1" })
  const [first, second] = only(rig.log, "tool.ended")
  expect(first).toMatchObject({ tool: "apply_patch", ok: false })
  expect(second).toMatchObject({ ok: true })
  expect(only(rig.log, "patch.applied")).toHaveLength(1)
})

test("prose in place of a patch changes nothing, even when it quotes one", async () => {
  await using rig = await openRig({ script: inOrder(say(`You could do this:\n${patch}`)) })
  const tree = makeTree(sum, isGreen)
  expect(await rig.run(tree)).toMatchObject({ end: "done", checkpoint: null })
  expect(tree.now).toEqual(tree.base)
  expect(only(rig.log, "tests.ended")).toEqual([])
})

test("prose after a red patch does not make it green", async () => {
  const wrong = call(["apply_patch", patchLine("src/sum.js", "export const sum = (a, b) => a - b", "broken")])
  await using rig = await openRig({ script: inOrder(wrong, say("It is done."), say("Really.")) })
  expect(await rig.run(makeTree(sum, isGreen))).toMatchObject({
    end: "outcome",
    outcome: { status: "failed", code: "tests-red" },
  })
})

test("a Spark model is asked for a small answer and for no summary of its reasoning, another one for neither", async () => {
  await using rig = await openRig({ script: () => say("Hi.") })
  await rig.run(makeTree(sum), { plan: { model: "gpt-5.3-codex-spark" } })
  await rig.run(makeTree(sum), { turn: "turn_2" })
  const [spark, other] = rig.server.requests.map(({ body }) => body)
  expect(spark).toMatchObject({ max_output_tokens: 8_192 })
  expect(spark).not.toHaveProperty("reasoning")
  expect(other).not.toHaveProperty("max_output_tokens")
})
