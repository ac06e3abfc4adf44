import { expect, test } from "vitest"
import { type EventBody, foldEvents, HandoffPacket, noUsage, packetOf, type TaskEvent } from "../src/index.ts"

const by = { key: "k", name: "Ada" }
const created: EventBody = {
  type: "task.created",
  team: "t",
  repo: "r",
  title: "x",
  prompt: "x",
  by,
  origin: "api",
  labels: [],
  priority: "normal",
  base: null,
  baseAtSubmit: null,
}
const queued = (more: object = {}): EventBody => ({
  type: "turn.queued",
  lane: "fast",
  position: null,
  reason: "asked for",
  prompt: "Mend sum.",
  by,
  options: {},
  ...more,
})
const started: EventBody = {
  type: "turn.started",
  lane: "fast",
  worker: "w",
  model: "m",
  engine: "builtin",
  base: "b".repeat(40),
  branch: "twolane/x",
}
const patched = (path: string): EventBody => ({
  type: "patch.applied",
  files: [{ path, change: "modified", added: 1, removed: 1 }],
  diff: `diff ${path}\n`,
  checkpoint: `c-${path}`,
})
const tested = (status: "passed" | "failed"): EventBody => ({
  type: "tests.ended",
  status,
  command: "npm test",
  passed: 1,
  failed: 2,
  durationMs: 1,
  output: "out",
})

/** A log from its bodies; `turn` may be named in front of one. */
const logOf = (...bodies: (EventBody & { turn?: string })[]): TaskEvent[] =>
  bodies.map((body, n) => ({
    turn: body.type === "task.created" ? null : "turn_1",
    ...body,
    id: `1-${n + 1}`,
    task: "task_1",
    attempt: 1,
    at: n,
  })) as TaskEvent[]

const packet = (log: readonly TaskEvent[]) => HandoffPacket.parse(packetOf(foldEvents(null, log), log))

test("a packet tells the whole story of a task, in the order in which it happened", () => {
  const log = logOf(
    created,
    queued(),
    started,
    { type: "tool.started", call: "1", tool: "read_file", input: { path: "src/sum.js" } },
    {
      type: "tool.ended",
      call: "1",
      tool: "read_file",
      ok: true,
      output: "…",
      truncated: false,
      durationMs: 1,
    },
    { type: "tool.started", call: "2", tool: "apply_patch", input: "*** Begin Patch" },
    {
      type: "tool.ended",
      call: "2",
      tool: "apply_patch",
      ok: false,
      output: "does not apply",
      truncated: false,
      durationMs: 1,
    },
    {
      type: "guardrail.tripped",
      rule: "scope",
      stage: "stream",
      verdict: "steer",
      detail: "is not in the scope src",
      path: "lib/x.js",
    },
    { type: "steer.accepted", steer: "s", prompt: "Only sum.js, please." },
    { type: "steer.applied", steer: "s" },
    patched("src/sum.js"),
    tested("failed"),
    patched("src/add.js"),
    { type: "message.done", text: "Shall -0 count as 0?" },
  )
  expect(packet(log)).toEqual({
    base: "b".repeat(40),
    checkpoint: "c-src/add.js",
    diff: "diff src/sum.js\ndiff src/add.js\n",
    filesRead: ["src/sum.js"],
    tried: [
      { what: "apply_patch:\n*** Begin Patch", result: "does not apply" },
      { what: "patched src/sum.js (+1 -1)", result: "tests failed, 2 failing" },
      { what: "patched src/add.js (+1 -1)", result: "applied, not tested" },
    ],
    tests: { status: "failed", command: "npm test", output: "out" },
    trips: [{ rule: "scope", detail: "lib/x.js: is not in the scope src" }],
    steering: ["Only sum.js, please."],
    openQuestions: ["Shall -0 count as 0?"],
    missing: [],
  })
})

test("what was before a start over from the base is not in the tree, and not in the diff", () => {
  const ended: EventBody = {
    type: "turn.ended",
    outcome: { status: "failed", code: "tests-red" },
    usage: noUsage,
  }
  const again = [queued({ from: "base" }), started, patched("b.js")].map(body => ({
    ...body,
    turn: "turn_2",
  }))
  const log = logOf(created, queued(), started, patched("a.js"), tested("failed"), ended, ...again)
  expect(packet(log)).toMatchObject({ diff: "diff b.js\n", tests: null, checkpoint: "c-b.js" })
})

test("what does not fit is said", () => {
  const many = Array.from(
    { length: 50 },
    (_, n): EventBody => ({
      type: "guardrail.tripped",
      rule: `r${n}`,
      stage: "patch",
      verdict: "steer",
      detail: "",
    }),
  )
  const large: EventBody = {
    type: "patch.applied",
    files: [],
    diff: "x".repeat(70_000),
    checkpoint: "c",
    portable: false,
  }
  const { trips, missing, diff } = packet(logOf(created, queued(), started, large, ...many))
  expect(trips.at(-1)).toEqual({ rule: "r49", detail: "" })
  expect([trips.length, diff.length]).toEqual([40, 60_000])
  expect(missing).toEqual([
    "the checkpoint is too large to travel: only the worker that made it can go on from it",
    "the diff beyond 60000 characters; the checkpoint has the whole change",
    "10 earlier guardrail trips",
  ])
})

test("a task of which nothing is known yet has an empty packet", () => {
  const nothing = {
    diff: "",
    filesRead: [],
    tried: [],
    tests: null,
    trips: [],
    steering: [],
    openQuestions: [],
    missing: [],
  }
  expect(packet(logOf(created, queued()))).toEqual({ base: null, checkpoint: null, ...nothing })
})
