import { call, inOrder, type Script, say } from "@twolane/testkit"
import { expect, test } from "vitest"
import { fastPolicy, only, openRig, patchLine, queueTurn, typesOf } from "./rig.ts"
import { makeTree } from "./tree.ts"

const sum = { "src/sum.js": "export const sum = (a, b) => a - b\n" }
const wrong = "export const sum = (a, b) => a - b"
const right = "export const sum = (a, b) => a + b"
const isGreen = (files: ReadonlyMap<string, string>) =>
  files.get("src/sum.js") === `${right}\n`
    ? { status: "passed" as const, passed: 2, failed: 0 }
    : { status: "failed" as const, passed: 1, failed: 1, output: "not ok - adds", failures: ["adds"] }
const mend = call(["apply_patch", patchLine("src/sum.js", wrong, right)])

/** Tells that it was asked, and thinks for longer than any test. */
const thinking = (onAsked: () => void) => {
  onAsked()
  return { ...mend, delayMs: 60_000 }
}

test("a patch is the first thing that is said; green ends the turn after one model call", async () => {
  await using rig = await openRig({ script: inOrder(mend) })
  const tree = makeTree(sum, isGreen)
  expect(await rig.run(tree)).toEqual({ end: "done", checkpoint: "c1", message: "" })
  expect(tree.now.get("src/sum.js")).toBe(`${right}\n`)
  expect(typesOf(rig.log)).toEqual([
    "task.created",
    "turn.queued",
    "turn.started",
    "tool.started",
    "patch.applied",
    "tool.ended",
    "tests.started",
    "tests.ended",
  ])
  expect(rig.server.requests).toHaveLength(1)
  expect(rig.log.transcript.flatMap(({ items }) => items.map(({ type }) => type))).toEqual([
    "message",
    "custom_tool_call",
    "custom_tool_call_output",
  ])
})

test("red goes back to the model, and the next patch may be green", async () => {
  const half = call(["apply_patch", patchLine("src/sum.js", wrong, "export const sum = (a, b) => a * b")])
  const whole = call(["apply_patch", patchLine("src/sum.js", "export const sum = (a, b) => a * b", right)])
  await using rig = await openRig({ script: inOrder(half, whole) })
  expect(await rig.run(makeTree(sum, isGreen))).toMatchObject({ end: "done", checkpoint: "c2" })
  expect(only(rig.log, "tests.ended").map(({ status }) => status)).toEqual(["failed", "passed"])
  expect(JSON.stringify(rig.log.transcript)).toContain("not ok - adds")
})

test("red cycles are used up: the turn is limited, and the work is kept", async () => {
  let n = 0
  const script: Script = () => {
    const patch = patchLine("src/sum.js", n === 0 ? wrong : `try ${n}`, `try ${n + 1}`)
    n += 1
    return call(["apply_patch", patch])
  }
  await using rig = await openRig({ script })
  const end = await rig.run(makeTree(sum, isGreen), { policy: fastPolicy({ maxCycles: 2 }) })
  expect(end).toMatchObject({ end: "outcome", outcome: { status: "limited", which: "cycles" } })
  expect(only(rig.log, "patch.applied")).toHaveLength(2)
})

test("an answer in words changes nothing, tests nothing, and does not wait for the workspace", async () => {
  await using rig = await openRig({ script: inOrder(say("It subtracts.")) })
  const never = new Promise<never>(() => {})
  expect(await rig.run(makeTree(sum), { ports: { workspace: never } })).toEqual({
    end: "done",
    checkpoint: null,
    message: "It subtracts.",
  })
  expect(typesOf(rig.log).slice(3)).toEqual(["message.done"])
})

test("the first hunk out of the policy stops the generation, is fed back, and nothing of it touches the tree", async () => {
  const outside = `*** Begin Patch\n*** Update File: lib/x.js\n@@\n${Array.from({ length: 300 }, (_, n) => `+line ${n}`).join("\n")}\n*** End Patch`
  await using rig = await openRig({
    script: inOrder({ ...call(["apply_patch", outside]), tokensPerSecond: 500 }, mend),
  })
  const tree = makeTree({ ...sum, "lib/x.js": "x\n" }, isGreen)
  expect(await rig.run(tree, { policy: fastPolicy({ scope: ["src/**"] }) })).toMatchObject({
    end: "done",
    checkpoint: "c1",
  })
  expect(only(rig.log, "guardrail.tripped")).toMatchObject([
    {
      rule: "scope",
      stage: "stream",
      verdict: "steer",
      path: "lib/x.js",
      detail: expect.stringMatching(/stopped after about \d{1,2} tokens/),
    },
  ])
  expect(typesOf(rig.log).slice(3)).toEqual([
    "tool.started",
    "guardrail.tripped",
    "tool.ended",
    "tool.started",
    "patch.applied",
    "tool.ended",
    "tests.started",
    "tests.ended",
  ])
  expect(tree.now.get("lib/x.js")).toBe("x\n")
  expect(await rig.server.requests[0]?.ended).toBe("cut")
  expect(JSON.stringify(rig.server.requests[1]?.body)).not.toContain("line 299")
})

test("the same rule three times ends the turn", async () => {
  const bad = call(["apply_patch", "*** Begin Patch\n*** Add File: twolane.yaml\n+a\n*** End Patch"])
  await using rig = await openRig({ script: () => bad })
  expect(await rig.run(makeTree(sum))).toMatchObject({
    end: "outcome",
    outcome: { status: "failed", code: "guardrail-denied" },
  })
  expect(only(rig.log, "guardrail.tripped")).toHaveLength(3)
})

test("what a person is to be asked about is written to its end, and opens a gate with the whole patch", async () => {
  const manifest = { "package.json": '{\n  "dependencies": {}\n}\n' }
  const patch = patchLine("package.json", '  "dependencies": {}', '  "dependencies": { "a": "1" }')
  await using rig = await openRig({ script: inOrder(call(["apply_patch", patch])) })
  const policy = { ...fastPolicy(), verdicts: { ...fastPolicy().verdicts, newDependencies: "ask" as const } }
  expect(await rig.run(makeTree(manifest), { policy })).toMatchObject({
    end: "gate",
    kind: "dependency",
    detail: expect.stringContaining(patch),
  })
})

test("what the rules give to the deep lane is handed off at once", async () => {
  const manifest = { "package.json": '{\n  "dependencies": {}\n}\n' }
  const patch = patchLine("package.json", '  "dependencies": {}', '  "dependencies": { "a": "1" }')
  await using rig = await openRig({ script: inOrder(call(["apply_patch", patch])) })
  const policy = fastPolicy()
  policy.verdicts.newDependencies = "hand_off"
  expect(await rig.run(makeTree(manifest), { policy })).toMatchObject({
    end: "hand_off",
    detail: expect.stringContaining("newDependencies"),
  })
})

test("plain text leaves before the claim is written, a patch and events only after it", async () => {
  const claim = Promise.withResolvers<void>()
  await using rig = await openRig({
    script: inOrder({ items: [{ type: "message", text: "At once." }, ...mend.items] }),
  })
  const spoken = Promise.withResolvers<void>()
  const before: string[] = []
  const delta = ({ type }: { type: string }) => {
    before.push(type)
    spoken.resolve()
  }
  const journal = claim.promise.then(() => rig.log.claim("turn_1"))
  const run = rig.run(makeTree(sum, isGreen), { ports: { delta, journal } })
  await spoken.promise
  expect(rig.log.log.map(({ type }) => type)).toEqual(["task.created", "turn.queued"])
  expect(new Set(before)).toEqual(new Set(["message.delta"]))
  claim.resolve()
  expect(await run).toMatchObject({ end: "done" })
  expect(before.filter(type => type === "tool.delta").length).toBeGreaterThan(0)
})

test("a refused claim ends the model call, and rejects with the refusal: nothing was done", async () => {
  const refused = new Error("store-unavailable")
  const asked = Promise.withResolvers<void>()
  await using rig = await openRig({ script: () => thinking(asked.resolve) })
  const tree = makeTree(sum)
  const journal = asked.promise.then(() => Promise.reject(refused))
  await expect(rig.run(tree, { ports: { journal } })).rejects.toBe(refused)
  expect(rig.log.transcript).toEqual([])
  expect(tree.now).toEqual(tree.base)
})

test("a workspace that cannot be made ends the turn as that failure", async () => {
  await using rig = await openRig({ script: inOrder(mend) })
  const workspace = Promise.resolve({
    ok: false as const,
    code: "setup-failed" as const,
    detail: "npm ci failed",
  })
  expect(await rig.run(makeTree(sum), { ports: { workspace } })).toEqual({
    end: "failure",
    code: "setup-failed",
    detail: "npm ci failed",
  })
})

test("an interrupt before the first token ends the call with its reason", async () => {
  const asked = Promise.withResolvers<void>()
  await using rig = await openRig({ script: () => thinking(asked.resolve) })
  const stop = new AbortController()
  const run = rig.run(makeTree(sum), {}, stop.signal)
  await asked.promise
  stop.abort({ by: "user" })
  await expect(run).rejects.toEqual({ by: "user" })
  expect(await rig.server.requests[0]?.ended).toBe("cut")
})

test("an interrupt during the tests ends them; the patch stays at its checkpoint", async () => {
  await using rig = await openRig({ script: inOrder(mend) })
  const stop = new AbortController()
  const tree = makeTree(sum, () => {
    stop.abort({ by: "user" })
    return {}
  })
  await expect(rig.run(tree, {}, stop.signal)).rejects.toEqual({ by: "user" })
  expect(rig.log.state().checkpoint).toEqual({ sha: "c1", portable: true })
})

test("a steering note stops what is being written, and the model goes on with it", async () => {
  const long = "Let me think about this. ".repeat(200)
  await using rig = await openRig({ script: inOrder({ ...say(long), tokensPerSecond: 300 }, mend) })
  const heard = Promise.withResolvers<void>()
  const run = rig.run(makeTree(sum, isGreen), { ports: { delta: () => heard.resolve() } })
  await heard.promise
  rig.log.tell({
    type: "steer.accepted",
    steer: "steer_1",
    prompt: "Only the operator!",
    turn: "turn_1",
    at: Date.now(),
  })
  expect(await run).toMatchObject({ end: "done", checkpoint: "c1" })
  expect(typesOf(rig.log).slice(3, 6)).toEqual(["steer.accepted", "message.done", "steer.applied"])
  expect(only(rig.log, "message.done")[0]?.text.length).toBeLessThan(long.length)
  expect(JSON.stringify(rig.log.transcript)).toContain("Only the operator!")
  expect(rig.log.state().steers).toEqual([])
})

test("a steering note during the tests is answered before the turn may end", async () => {
  await using rig = await openRig({ script: inOrder(mend, say("As you say.")) })
  const tree = makeTree(sum, files => {
    if (only(rig.log, "steer.accepted").length === 0)
      rig.log.tell({
        type: "steer.accepted",
        steer: "steer_1",
        prompt: "And thank you.",
        turn: "turn_1",
        at: Date.now(),
      })
    return isGreen(files)
  })
  expect(await rig.run(tree)).toMatchObject({ end: "done", message: "As you say." })
  expect(only(rig.log, "steer.applied")).toHaveLength(1)
})

test("the next turn on the same session sends only what is new, with the patch's result first", async () => {
  await using rig = await openRig({ script: inOrder(mend, say("It adds now.")) })
  const tree = makeTree(sum, isGreen)
  await rig.run(tree)
  rig.log.append([
    {
      type: "turn.ended",
      outcome: { status: "succeeded" },
      usage: rig.log.state().usage,
      turn: "turn_1",
      at: Date.now(),
    },
  ])
  queueTurn(rig.log, "turn_2", "What does it do now?")
  expect(await rig.run(tree, { turn: "turn_2", prompt: "What does it do now?" })).toMatchObject({
    end: "done",
    checkpoint: "c1",
  })
  const body = rig.server.requests[1]?.body as { previous_response_id?: string; input: { type: string }[] }
  expect(body.previous_response_id).toEqual(expect.any(String))
  expect(body.input.map(({ type }) => type)).toEqual(["custom_tool_call_output", "message", "message"])
})

test("a model that is gone for good is a failure that may pass", async () => {
  await using rig = await openRig(
    { script: () => ({ items: [], fault: { type: "status", status: 500 } }) },
    "sse",
  )
  expect(await rig.run(makeTree(sum))).toMatchObject({ end: "failure", code: "model-unavailable" })
})

test("a socket that breaks in mid-patch applies nothing, and the call is made again", async () => {
  await using rig = await openRig({
    script: inOrder({ ...mend, fault: { type: "drop", afterDeltas: 8 } }, mend),
  })
  const tree = makeTree(sum, isGreen)
  expect(await rig.run(tree)).toMatchObject({ end: "done", checkpoint: "c1" })
  expect(only(rig.log, "patch.applied")).toHaveLength(1)
})

test.each(["sse", "chat"] as const)(
  "over %s the patch is judged in mid-stream and applied all the same",
  async transport => {
    const bad = call(["apply_patch", '*** Begin Patch\n*** Add File: lib/"x".js\n+\\n\n*** End Patch'])
    await using rig = await openRig({ script: inOrder(bad, mend), transports: [transport] }, transport)
    expect(
      await rig.run(makeTree(sum, isGreen), { policy: fastPolicy({ scope: ["src/**"] }) }),
    ).toMatchObject({ end: "done" })
    expect(only(rig.log, "guardrail.tripped")).toMatchObject([{ stage: "stream", path: 'lib/"x".js' }])
  },
)
