import { lastMoment } from "@twolane/protocol"
import { describe, expect, test } from "vitest"
import type { Active } from "../src/queue/entry.ts"
import { type Around, explain, medianOf, type Standing } from "../src/queue/explain.ts"
import type { Seat } from "../src/queue/room.ts"
import { entry, now, running } from "./entries.ts"

const seat = (more: Partial<Seat> = {}): Seat => ({ id: "w1", host: "h1", capacity: 2, ...more })

const around = (more: Partial<Around["rules"]> & { active?: Active[] } = {}): Around => {
  const { active = [], ...rules } = more
  return {
    lane: "deep",
    active,
    rules: {
      limits: { perRepo: 2 },
      paused: false,
      pausedRepos: new Set(),
      stops: new Map(),
      seats: [seat()],
      ...rules,
    },
    durations: [1_000, 3_000, 2_000],
    now,
  }
}
const first: Standing = { entry: entry(), before: { ofPerson: 0, ofTeam: 0, all: 0 }, beforeInRepo: 0 }
const stop = { which: "tokens" as const, used: 12, limit: 10, month: "1970-01" }
const wide = [seat({ capacity: 9, provider: "models.example" })]

describe("explain", () => {
  test.each<[string, Standing, Around, object]>([
    ["paused", first, around({ paused: true }), { reason: "paused", hold: "paused" }],
    [
      "a paused repo",
      first,
      around({ pausedRepos: new Set(["default/shop"]) }),
      { reason: "repo shop is paused", hold: "repo-paused" },
    ],
    [
      "a used-up budget",
      first,
      around({ stops: new Map([["default", { ...stop, resetsAt: now + 500 }]]) }),
      {
        reason:
          "the team's budget for 1970-01 is used up, 12 of 10 tokens; it resets 1970-01-01T00:16:40.500Z",
        hold: "budget",
      },
    ],
    [
      "a budget whose month is over",
      first,
      around({ stops: new Map([["default", { ...stop, resetsAt: now }]]) }),
      { reason: "next", etaMs: 0 },
    ],
    [
      "a time to begin by",
      { ...first, entry: entry({ startBy: now + 500 }) },
      around({ paused: true }),
      {
        reason: "paused; it ends unless it begins by 1970-01-01T00:16:40.500Z",
        hold: "paused",
        startBy: now + 500,
      },
    ],
    [
      "a time to begin by that is over",
      { ...first, entry: entry({ startBy: now - 1 }) },
      around(),
      { reason: "it was not begun in time", hold: "expired", startBy: now - 1 },
    ],
    [
      "not due",
      { ...first, entry: entry({ notBefore: now + 500 }) },
      around(),
      { reason: "not before 1970-01-01T00:16:40.500Z", hold: "not-before", etaMs: 500, notBefore: now + 500 },
    ],
    [
      "others first",
      { ...first, entry: entry({ after: ["task_x", "task_y"], notBefore: now + 500 }) },
      around(),
      {
        reason: "waits for task_x, task_y to succeed",
        hold: "after",
        after: ["task_x", "task_y"],
        notBefore: now + 500,
      },
    ],
    [
      "not due, at a time that no clock shows",
      { ...first, entry: entry({ notBefore: Number.MAX_SAFE_INTEGER }) },
      around(),
      {
        reason: "not before 9999-12-31T23:59:59.999Z",
        hold: "not-before",
        etaMs: lastMoment - now,
        notBefore: lastMoment,
      },
    ],
    ["no worker", first, around({ seats: [] }), { reason: "no deep worker is there", hold: "no-worker" }],
    [
      "no worker on its host",
      { ...first, entry: entry({ host: "h9" }) },
      around(),
      { reason: "no deep worker is there on host h9", hold: "no-worker" },
    ],
    [
      "holding",
      first,
      around({ seats: [seat({ holding: "disk nearly full" })] }),
      { reason: "workers hold: disk nearly full", hold: "holding" },
    ],
    [
      "repo limit",
      first,
      around({ active: [running({ task: "task_x" }), running({ task: "task_y" })], seats: wide }),
      { reason: "repo limit 2 of 2, behind task_x, task_y", hold: "repo", etaMs: 2_000 },
    ],
    [
      "a limit of the repo's own",
      first,
      around({
        active: [running({ task: "task_x" })],
        seats: wide,
        limits: { perRepo: 2, teams: { default: { repos: { shop: 1 } } } },
      }),
      { reason: "repo limit 1 of 1, behind task_x", hold: "repo", etaMs: 2_000 },
    ],
    [
      "team limit",
      first,
      around({ active: [running({ repo: "x" })], seats: wide, limits: { perRepo: 2, perTeam: 1 } }),
      { reason: "team limit 1 of 1", hold: "team", etaMs: 2_000 },
    ],
    [
      "limit of a person",
      { ...first, before: { ofPerson: 1, ofTeam: 1, all: 1 } },
      around({ active: [running({ repo: "x" })], seats: wide, limits: { perRepo: 2, perPerson: 1 } }),
      { position: 2, reason: "limit of one person 1 of 1", hold: "person", etaMs: 4_000 },
    ],
    [
      "limit of a provider",
      first,
      around({ active: [running({ repo: "x" })], seats: wide, limits: { perRepo: 2, perProvider: 1 } }),
      { reason: "limit of models.example 1 of 1", hold: "provider", etaMs: 0 },
    ],
    [
      "kept for urgent turns",
      first,
      around({ active: [running({ repo: "x" })], limits: { perRepo: 2, urgent: 1 } }),
      { reason: "the free slot is kept for urgent turns", hold: "reserved", etaMs: 0 },
    ],
    [
      "kept for other teams",
      first,
      around({ limits: { perRepo: 2, teams: { red: { reserved: 2 } } } }),
      { reason: "the 2 free slots are kept for other teams", hold: "reserved", etaMs: 0 },
    ],
    [
      "busy",
      first,
      around({ active: [running({ repo: "x" }), running({ repo: "y", turn: "turn_s" })] }),
      { reason: "all 2 slots busy", hold: "slots", etaMs: 2_000 },
    ],
    [
      "behind others",
      { ...first, before: { ofPerson: 0, ofTeam: 4, all: 4 } },
      around(),
      { position: 5, reason: "behind 4 that go first", etaMs: 4_000 },
    ],
    ["next", first, around(), { reason: "next", etaMs: 0 }],
  ])("says why a turn waits: %s", (_name, standing, situation, place) => {
    expect(explain(standing, situation)).toEqual({ position: 1, ...place })
  })

  test("the median of nothing is unknown", () => {
    expect([medianOf([]), medianOf([5, 1, 9])]).toEqual([null, 5])
  })
})
