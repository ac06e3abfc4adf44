import { expect, test } from "vitest"
import { type Hindsight, hindsight, noUsage, type TaskState, type TurnState } from "../src/index.ts"

const by = { key: "key_1", name: "Ada" }
const turn = (more: Partial<TurnState>): TurnState => ({
  id: "turn_1",
  lane: "fast",
  status: "succeeded",
  outcome: { status: "succeeded" },
  prompt: "mend it",
  by,
  options: {},
  from: "checkpoint",
  attempts: 1,
  queuedAt: 0,
  startedAt: 1_000,
  endedAt: 31_000,
  queueReason: "",
  usage: noUsage,
  runningMs: 30_000,
  lostInRow: 0,
  retries: 0,
  trips: {},
  cycles: 0,
  startCheckpoint: null,
  decisions: [],
  planAllowed: false,
  ...more,
})
const task = (turns: TurnState[], more: Partial<TaskState> = {}): TaskState => ({
  id: "task_1",
  team: "default",
  repo: "shop",
  title: "Mend it",
  prompt: "mend it",
  by,
  origin: "api",
  labels: [],
  priority: "normal",
  baseRef: null,
  baseAtSubmit: null,
  base: null,
  branch: "twolane/task_1",
  pushed: null,
  createdAt: 0,
  attempt: 1,
  attemptOpen: false,
  lastEventId: "1-1",
  turns,
  checkpoint: null,
  review: "none",
  usage: noUsage,
  gates: [],
  steers: [],
  ...more,
})
const told = (seen: Hindsight | null) =>
  seen === null
    ? null
    : [seen.took, seen.should, seen.reasons.map(({ name, speaksFor }) => `${name}:${speaksFor}`)]

test("a small quick change was right in the fast lane, and would have been in place of the deep one", () => {
  const change = { files: 1, added: 2, removed: 2 }
  expect(told(hindsight(task([turn({})], { change })))).toEqual(["fast", "fast", ["small-change:fast"]])
  const waited = turn({ lane: "deep", startedAt: 60_000, endedAt: 90_000 })
  expect(hindsight(task([waited], { change }))).toEqual({
    task: "task_1",
    title: "Mend it",
    repo: "shop",
    status: "succeeded",
    endedAt: 90_000,
    took: "deep",
    should: "fast",
    reasons: [
      { name: "small-change", speaksFor: "fast", detail: "1 file, 4 lines" },
      { name: "quick-run", speaksFor: "fast", detail: "it ran 30 s" },
      { name: "waited-longer-than-it-ran", speaksFor: "fast", detail: "it waited 60 s and ran 30 s" },
    ],
  })
})

test("what the fast lane could not do should have gone to the deep one", () => {
  const change = { files: 9, added: 300, removed: 10 }
  const handed = turn({ status: "handed_off", outcome: { status: "handed_off" } })
  const deep = turn({ id: "turn_2", lane: "deep" })
  expect(told(hindsight(task([handed, deep], { change })))).toEqual([
    "fast",
    "deep",
    ["handed-off:deep", "large-change:deep"],
  ])
  const limited = turn({ status: "limited", outcome: { status: "limited", which: "cycles" }, cycles: 3 })
  expect(told(hindsight(task([limited])))).toEqual([
    "fast",
    "deep",
    ["hit-a-limit:deep", "many-red-cycles:deep"],
  ])
  const again = turn({ from: "base" })
  expect(told(hindsight(task([turn({}), again, again, turn({})])))).toEqual([
    "fast",
    "deep",
    ["many-turns:deep", "started-over:deep"],
  ])
})

test("a large or long change was right in the deep lane", () => {
  const long = turn({ lane: "deep", runningMs: 900_000, endedAt: 901_000 })
  expect(told(hindsight(task([long], { change: { files: 1, added: 5, removed: 0 } })))).toEqual([
    "deep",
    "deep",
    ["small-change:fast", "quick-run:deep"],
  ])
})

test("without reasons, the lane that took it was right; while a turn is open, nothing is said", () => {
  expect(told(hindsight(task([turn({})])))).toEqual(["fast", "fast", []])
  const { endedAt: _, ...open } = turn({ status: "running" })
  expect(hindsight(task([open]))).toBe(null)
})
