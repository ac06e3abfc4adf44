import { orAborted } from "@twolane/common"
import type { TranscriptItem } from "@twolane/protocol"
import { call, inOrder, type ModelOptions, type Reply, type Script, say } from "@twolane/testkit"
import fc from "fast-check"
import { expect, test } from "vitest"
import { only, openRig, patchLine, type Rig, typesOf } from "./rig.ts"
import { makeTree } from "./tree.ts"

const sum = { "src/sum.js": "export const sum = (a, b) => a - b\n" }
const right = "export const sum = (a, b) => a + b"
const mend = call(["apply_patch", patchLine("src/sum.js", "export const sum = (a, b) => a - b", right)])
const talk: Reply = { ...say("Let me think about this. ".repeat(60)), tokensPerSecond: 400 }
const isGreen = () => ({ status: "passed" as const, passed: 2, failed: 0 })

const steer = (rig: Rig, key = "steer_1", prompt = "Only the operator!") =>
  rig.log.tell({ type: "steer.accepted", steer: key, prompt, turn: "turn_1", at: Date.now() })

/** Runs a turn, and says something to it at its first live text. */
const steeredAtOnce = async (script: Script, options: Partial<ModelOptions>, stop?: AbortSignal) => {
  const rig = await openRig({ script, ...options })
  const spoke = Promise.withResolvers<void>()
  const tree = makeTree(sum, isGreen)
  const run = rig.run(tree, { ports: { delta: () => spoke.resolve() } }, stop)
  run.catch(() => undefined) // looked at by the test
  await spoke.promise
  steer(rig)
  return { rig, run, tree, [Symbol.asyncDispose]: () => rig[Symbol.asyncDispose]() }
}

const conversation = (rig: Rig): TranscriptItem[] => rig.log.transcript.flatMap(({ items }) => items)
const shape = (rig: Rig): string[] =>
  conversation(rig).map(({ type, role }) => (type === "message" ? String(role) : String(type)))

test("a model that takes steering ends its sentence, and goes on with the note: one request for both answers", async () => {
  await using at = await steeredAtOnce(inOrder(talk, mend), { steering: "native" })
  expect(await at.run).toMatchObject({ end: "done", checkpoint: "c1" })
  expect(typesOf(at.rig.log).slice(3, 7)).toEqual([
    "steer.accepted",
    "message.done",
    "steer.applied",
    "tool.started",
  ])
  expect(shape(at.rig)).toEqual(["user", "assistant", "user", "custom_tool_call", "custom_tool_call_output"])
  expect(at.rig.server.requests).toHaveLength(1)
  expect(await at.rig.server.requests[0]?.ended).toBe("answered")
  expect(only(at.rig.log, "usage.reported").map(({ inputTokens }) => inputTokens > 0)).toEqual([true, true])
})

test("a note to a patch that is being written waits for its result, and the turn for its answer", async () => {
  const slow = { ...mend, tokensPerSecond: 200 }
  await using at = await steeredAtOnce(inOrder(slow, say("As you say.")), { steering: "native" })
  expect(await at.run).toMatchObject({ end: "done", message: "As you say.", checkpoint: "c1" })
  expect(shape(at.rig)).toEqual(["user", "custom_tool_call", "user", "custom_tool_call_output", "assistant"])
  expect(only(at.rig.log, "steer.applied")).toHaveLength(1)
  const [, second] = at.rig.server.requests
  expect(second?.body).toMatchObject({ input: [{ type: "custom_tool_call_output" }] })
  // What answers the note is what is tested.
  expect(only(at.rig.log, "tests.ended")).toHaveLength(1)
})

test.each(["refused", "unknown", "uncommitted"] as const)(
  "steering that is %s is done at the next step all the same, once",
  async steering => {
    await using at = await steeredAtOnce(inOrder(talk, mend), { steering })
    expect(await at.run).toMatchObject({ end: "done", checkpoint: "c1" })
    expect(only(at.rig.log, "steer.applied")).toMatchObject([{ steer: "steer_1" }])
    expect(shape(at.rig)).toEqual([
      "user",
      "assistant",
      "user",
      "custom_tool_call",
      "custom_tool_call_output",
    ])
    expect(at.rig.log.state().steers).toEqual([])
  },
)

test("a socket that dies between taking a note and applying it loses nothing: the next call begins with the note", async () => {
  const cut: Reply = { ...mend, tokensPerSecond: 100, fault: { type: "drop", afterDeltas: 20 } }
  const seen: string[] = []
  const play = inOrder(cut, mend)
  const script: Script = request => {
    seen.push(JSON.stringify(request.items))
    return play(request)
  }
  await using at = await steeredAtOnce(script, { steering: "native" })
  expect(await at.run).toMatchObject({ end: "done", checkpoint: "c1" })
  expect(seen.map(text => text.split("Only the operator!").length - 1)).toEqual([0, 1])
  expect(only(at.rig.log, "steer.applied")).toHaveLength(1)
  expect(only(at.rig.log, "patch.applied")).toHaveLength(1)
})

test("a cancel at the same time leaves the note open, for the turn's end to reject", async () => {
  const stop = new AbortController()
  await using at = await steeredAtOnce(inOrder(talk, mend), { steering: "native" }, stop.signal)
  stop.abort({ by: "user" })
  await expect(at.run).rejects.toEqual({ by: "user" })
  expect(only(at.rig.log, "steer.applied")).toEqual([])
  expect(at.rig.log.state().steers).toMatchObject([{ steer: "steer_1" }])
})

test("whenever notes come, and whatever the model makes of steering, each is applied once or still open at the end", async () => {
  const support = fc.constantFrom("native", "refused", "unknown", "uncommitted", "silent")
  const script = (): Script =>
    inOrder(
      { ...say("word ".repeat(40)), tokensPerSecond: 800 },
      { ...mend, tokensPerSecond: 800 },
      say("Done."),
    )
  await fc.assert(
    fc.asyncProperty(
      support,
      fc.array(fc.nat(60), { minLength: 1, maxLength: 3 }),
      async (steering, moments) => {
        await using rig = await openRig({ script: script(), steering }, "websocket", { steerMs: 60 })
        let deltas = 0
        const delta = () => {
          deltas += 1
          for (const [n, at] of moments.entries())
            if (deltas === at + 1) steer(rig, `steer_${n}`, `Note number ${n}.`)
        }
        await rig.run(makeTree(sum, isGreen), { ports: { delta } })
        const given = only(rig.log, "steer.accepted").map(({ steer: key }) => key)
        const applied = only(rig.log, "steer.applied").map(({ steer: key }) => key)
        const open = rig.log.state().steers.map(({ steer: key }) => key)
        expect([...applied, ...open].sort()).toEqual(given.sort())
        const text = JSON.stringify(conversation(rig))
        for (const key of applied)
          expect(text.split(`Note number ${key.slice("steer_".length)}.`)).toHaveLength(2)
        // What was said last is what the model answered last: a turn does not end over a note.
        expect(conversation(rig).at(-1)).not.toMatchObject({ type: "message", role: "user" })
      },
    ),
    { numRuns: 25 },
  )
})

test("a steering note stops the tests that run, costs no cycle, and the patch that answers it is tested", async () => {
  const better = call(["apply_patch", patchLine("src/sum.js", right, `${right} // steered`)])
  await using rig = await openRig({ script: inOrder(mend, better) })
  const tree = makeTree(sum, (files, signal) => {
    if (files.get("src/sum.js")?.includes("steered")) return { status: "passed" as const }
    steer(rig)
    return orAborted(new Promise<never>(() => undefined), signal)
  })
  expect(await rig.run(tree)).toMatchObject({ end: "done", checkpoint: "c2" })
  expect(
    typesOf(rig.log)
      .filter(type => type !== "steer.accepted")
      .slice(3),
  ).toEqual([
    "tool.started",
    "patch.applied",
    "tool.ended",
    "tests.started",
    "tests.ended",
    "steer.applied",
    "tool.started",
    "patch.applied",
    "tool.ended",
    "tests.started",
    "tests.ended",
  ])
  expect(only(rig.log, "tests.ended")).toMatchObject([
    {
      status: "error",
      superseded: true,
      command: "npm test",
      output: expect.stringContaining("steering note"),
    },
    { status: "passed" },
  ])
  const state = rig.log.state()
  expect(state.turns[0]?.cycles).toBe(0)
  expect(state.tests).toEqual({ status: "passed" })
  expect(JSON.stringify(rig.log.transcript)).not.toContain("could not be run to their end")
})
