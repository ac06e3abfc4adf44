import { branchOf, type Lane, type NewEvent, newId, type Outcome } from "@twolane/protocol"
import { openStore } from "@twolane/store"
import type { House } from "@twolane/testkit"

/** Somebody by their key's name, and the key. */
export type Asker = { key: string; name: string }

/** How a turn of the morning went; times in ms. */
type Past = {
  lane: Lane
  prompt: string
  agoMs: number
  waitMs: number
  tokenMs: number
  editMs: number
  runMs: number
  patches: 1 | 2
  outcome: Outcome
}

const minuteMs = 60_000

const asked = [
  "Say which field of an address is missing",
  "Sort the cart's lines by price",
  "Show the stock beside each price",
  "Log refused coupons with their reason",
  "Give each order a number that can be said aloud",
  "Rename the invoice's total",
  "Print the shop's address on the invoice",
  "Count stickers by the sheet",
  "Answer an empty cart with a hint",
  "Let a coupon end at midnight",
]

/** The hours before: what a whole day would have written, so that the numbers have a course. It goes through the store's own door. */
export const writeEarlier = async (house: House, base: string, people: readonly Asker[]): Promise<void> => {
  await using store = await openStore({
    url: house.redis.url,
    secretKey: Buffer.alloc(32, 7).toString("base64url"),
    onError: error => console.error(error),
  })
  const now = store.now()
  const tasks = Array.from({ length: 72 }, (_, index) => past(71 - index)).map((turn, index) => ({
    team: "default",
    task: newId("task"),
    turn,
    by: asker(people[index % people.length]),
  }))
  await store.createMany(
    tasks.map(({ team, task, turn, by }) => ({ team, task, events: logOf(turn, { task, base, by, now }) })),
  )
}

const asker = (person: Asker | undefined): Asker => {
  if (person === undefined) throw new Error("somebody must have asked")
  return { key: person.key, name: person.name }
}

/** The turn that was asked for as the n-th before now: a fixed day, so that pictures differ only by what has changed. */
const past = (before: number): Past => {
  const wave = (step: number) => 0.5 + 0.5 * Math.sin(before * step + step)
  const lane: Lane = before % 5 < 3 ? "fast" : "deep"
  const fast = lane === "fast"
  const tokenMs = fast ? 210 + 160 * wave(1.3) : 900 + 700 * wave(0.7)
  const runMs = fast ? 4_000 + 14_000 * wave(2.1) : 3 * minuteMs + 9 * minuteMs * wave(0.9)
  return {
    lane,
    prompt: asked[before % asked.length] ?? "",
    agoMs: (before + 1) * 19 * minuteMs,
    waitMs: fast ? 20 * wave(0.4) : 20_000 + 200_000 * wave(1.7),
    tokenMs,
    editMs: tokenMs + runMs * 0.3,
    runMs,
    patches: before % 7 === 3 ? 2 : 1,
    outcome: outcomeOf(before),
  }
}

const outcomeOf = (before: number): Outcome => {
  if (before % 17 === 8) return { status: "failed", code: "tests-red", detail: "one test stayed red" }
  if (before % 23 === 11) return { status: "limited", which: "seconds" }
  return { status: "succeeded" }
}

type Facts = { task: string; base: string; by: Asker; now: number }

const logOf = (past: Past, facts: Facts): NewEvent[] => {
  const turn = newId("turn")
  const queuedAt = Math.round(facts.now - past.agoMs)
  const startedAt = Math.round(queuedAt + past.waitMs)
  const endedAt = Math.round(startedAt + past.runMs)
  return [
    ...request(past, { ...facts, turn, at: queuedAt }),
    ...work(past, { ...facts, turn, at: startedAt }),
    ...end(past, { ...facts, turn, at: endedAt }),
  ]
}

/** A stretch of a turn, and when it begins. */
type Stretch = Facts & { turn: string; at: number }

const request = ({ lane, prompt }: Past, { by, turn, at }: Stretch): NewEvent[] => [
  {
    type: "task.created",
    team: "default",
    repo: "shop",
    title: prompt,
    prompt,
    by,
    origin: "page",
    labels: [],
    priority: "normal",
    base: null,
    baseAtSubmit: null,
    turn: null,
    at,
  },
  { type: "turn.queued", lane, position: null, reason: "", prompt, by, options: {}, turn, at },
]

const size = { files: 1, added: 9, removed: 3 }
const tokens = { inputTokens: 21_400, cachedTokens: 12_800, outputTokens: 1_900, costUsd: null }

const work = (past: Past, { task, turn, at }: Stretch): NewEvent[] => {
  const { lane, tokenMs, editMs, runMs } = past
  const model = lane === "fast" ? "gpt-5.3-codex-spark" : "gpt-5.3-codex"
  const after = (ms: number) => ({ turn, at: Math.round(at + ms) })
  const patch = (index: number): NewEvent => ({
    type: "patch.applied",
    files: [{ path: "src/cart.js", change: "modified", added: 9, removed: 3 }],
    diff: "",
    checkpoint: "c".repeat(40),
    whole: size,
    ...after(editMs + index * 900),
  })
  return [
    {
      type: "turn.started",
      lane,
      worker: "worker_of_the_morning",
      model,
      engine: "builtin",
      base: null,
      branch: branchOf(task),
      ...after(0),
    },
    { type: "usage.reported", model, ...tokens, ttftMs: tokenMs, durationMs: editMs, ...after(editMs) },
    ...Array.from({ length: past.patches }, (_, index) => patch(index)),
    {
      type: "tests.ended",
      command: "node --test",
      ...(past.outcome.status === "succeeded"
        ? { status: "passed", passed: 7, failed: 0 }
        : { status: "failed", passed: 6, failed: 1 }),
      durationMs: 800,
      output: "",
      ...after(runMs - 100),
    },
  ]
}

const end = ({ outcome, agoMs }: Past, { task, base, by, turn, at }: Stretch): NewEvent[] => [
  { type: "change.ready", branch: branchOf(task), base, head: "d".repeat(40), ...size, turn, at },
  { type: "turn.ended", outcome, usage: { ...tokens, steps: 3 }, turn, at },
  ...(outcome.status === "succeeded" && agoMs > 40 * minuteMs
    ? [
        {
          type: "task.reviewed" as const,
          decision: agoMs % 9 === 0 ? ("discarded" as const) : ("accepted" as const),
          by,
          turn: null,
          at: at + 4 * minuteMs,
        },
      ]
    : []),
]
