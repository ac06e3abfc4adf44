import { inOrder, type ReplyItem, say } from "@twolane/testkit"
import { expect, test } from "vitest"
import { fastPolicy, only, openRig } from "./rig.ts"
import { makeTree } from "./tree.ts"

const sum = { "src/sum.js": "export const sum = (a, b) => a - b\n" }

test("what was said before a patch that is stopped is recorded as those who watched have seen it", async () => {
  const outside = "*** Begin Patch\n*** Update File: lib/x.js\n@@\n-x\n+y\n*** End Patch"
  const items: ReplyItem[] = [
    { type: "message", text: "I see it." },
    { type: "message", text: "I mend both." },
    { type: "call", name: "apply_patch", input: outside },
  ]
  await using rig = await openRig({ script: inOrder({ items }, say("That is not mine to change.")) })
  let seen = ""
  const delta = (piece: { type: string; text: string }) => {
    if (piece.type === "message.delta") seen += piece.text
  }
  const tree = makeTree({ ...sum, "lib/x.js": "x\n" })
  await rig.run(tree, { policy: fastPolicy({ scope: ["src/**"] }), ports: { delta } })
  expect(only(rig.log, "message.done").map(({ text }) => text)).toEqual([
    "I see it.\n\nI mend both.",
    "That is not mine to change.",
  ])
  expect(seen).toBe("I see it.\n\nI mend both.That is not mine to change.")
})

test("what was said until a person interrupts stays in the log", async () => {
  const long = "Let me think about this. ".repeat(200)
  await using rig = await openRig({ script: inOrder({ ...say(long), tokensPerSecond: 300 }) })
  const stop = new AbortController()
  let seen = ""
  const delta = (piece: { text: string }) => {
    seen += piece.text
    stop.abort({ by: "user" })
  }
  await expect(rig.run(makeTree(sum), { ports: { delta } }, stop.signal)).rejects.toEqual({ by: "user" })
  expect(only(rig.log, "message.done")).toMatchObject([{ text: seen }])
})
