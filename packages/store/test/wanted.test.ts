import { describe, expect, test } from "vitest"
import type { Active, Entry } from "../src/queue/entry.ts"
import type { Limits } from "../src/queue/room.ts"
import { noShares } from "../src/queue/shares.ts"
import { wantedOf } from "../src/queue/wanted.ts"
import { entry, now, running } from "./entries.ts"

describe("what a lane could use of more workers", () => {
  const of = (waiting: Entry[], active: Active[] = [], paused = false) =>
    wantedOf({ waiting: [waiting], active, rules: { ...rules, paused }, shares: noShares, now })
  const rules: Limits = {
    limits: { perRepo: 2 },
    paused: false,
    pausedRepos: new Set(),
    stops: new Map(),
    seats: [],
  }

  test("is a slot for each turn that has one, and for each that lacks nothing else", () => {
    expect(of([])).toEqual({ slots: 0, waitMs: 0 })
    expect(of([entry({ queuedAt: now - 500 }), entry({ turn: "turn_b", queuedAt: now - 90 })])).toEqual({
      slots: 2,
      waitMs: 500,
    })
  })

  test("is nothing for what its repo's limit, a later time or a pause holds back", () => {
    const old = entry({ queuedAt: now - 9_000 })
    expect(of([old], [running(), running({ turn: "turn_s" })])).toEqual({ slots: 2, waitMs: 0 })
    expect(of([entry({ notBefore: now + 1 })])).toEqual({ slots: 0, waitMs: 0 })
    expect(of([entry({ queuedAt: now - 9_000, notBefore: now - 4 })])).toEqual({ slots: 1, waitMs: 4 })
    expect(of([old], [running()], true)).toEqual({ slots: 1, waitMs: 0 })
  })

  test("counts what only one host can run, also one that is not there", () => {
    expect(of([entry({ host: "h9", queuedAt: now - 7 })])).toEqual({ slots: 1, waitMs: 7 })
  })
  test("counts what its workers are too few for, and not what a provider's limit holds back", () => {
    const seats = [
      { id: "w1", host: "h1", capacity: 1, holding: "disk nearly full", provider: "models.example" },
    ]
    const wanted = (perProvider: number) =>
      wantedOf({
        waiting: [[entry({ queuedAt: now - 5 })]],
        active: [running({ repo: "other" })],
        rules: { ...rules, seats, limits: { perRepo: 2, perProvider } },
        shares: noShares,
        now,
      })
    expect(wanted(2)).toEqual({ slots: 2, waitMs: 5 })
    expect(wanted(1)).toEqual({ slots: 1, waitMs: 0 })
  })
})
