import type { Random } from "../simulation/random.ts"

/**
 * What may go wrong: how often beside the others, and in which line it stands. What is in no line is over at once; of a line one lasts at
 * a time, since Redis can be away only once, and a disk that is always full proves nothing.
 */
const kinds = {
  kill: { weight: 3, line: null },
  stop: { weight: 1, line: null },
  freeze: { weight: 1, line: "a process" },
  "kill a keeper": { weight: 1, line: null },
  "kill a hand": { weight: 1, line: null },
  "kill redis": { weight: 1, line: "redis" },
  "restart redis": { weight: 1, line: "redis" },
  "tear redis' log": { weight: 1, line: "redis" },
  "freeze redis": { weight: 1, line: "redis" },
  cut: { weight: 1, line: null },
  "half-open": { weight: 2, line: "a cable" },
  "slow redis": { weight: 1, line: "a cable" },
  "cut the model": { weight: 1, line: null },
  "model errs": { weight: 2, line: "the model" },
  "lose a push's answer": { weight: 1, line: null },
  "lose a pull request's answer": { weight: 1, line: null },
  "lose a comment's answer": { weight: 1, line: null },
  "github errs": { weight: 1, line: "github" },
  "slack errs": { weight: 2, line: null },
  "discord errs": { weight: 2, line: null },
  "discord hangs up": { weight: 1, line: null },
  ambush: { weight: 1, line: null },
  rival: { weight: 1, line: null },
  "lose tickets": { weight: 1, line: null },
  "bend a clock": { weight: 1, line: "a clock" },
  "fill a disk": { weight: 1, line: "a disk" },
  "use up a disk's files": { weight: 1, line: "a disk" },
  "make a disk read-only": { weight: 1, line: "a disk" },
  "slow a disk": { weight: 1, line: "a disk" },
  "receiver errs": { weight: 1, line: "the receiver" },
} as const satisfies Record<string, { weight: number; line: string | null }>

export type FaultName = keyof typeof kinds

/** Each fault's name once. */
export const faultNames = Object.keys(kinds) as FaultName[]

/** The line in which a fault stands; null for one that is over at once. */
export const lineOf = (name: FaultName): string | null => kinds[name].line

/** One fault: when, where (a number that chooses among what is there), for how long, and a number for what else there is to choose. */
export type Fault = { atMs: number; name: FaultName; where: number; forMs: number; how: number }

/** How far faults lie apart, on average. */
const faultEveryMs = 2_500
/** A line rests this many times as long as its fault lasted: a run of any length is under each kind for a quarter of its time at most. */
const restShare = 3
/** So many lines are struck at a time. */
const mostLines = 2

/** Chooses what goes wrong in so much time. */
export const makeFaults = (random: Random, endMs: number, names: readonly FaultName[]): Fault[] => {
  const drawn = names.flatMap(name => Array.from({ length: kinds[name].weight }, () => name))
  const faults: Fault[] = []
  const lines = new Map<string, { overMs: number; restedMs: number }>()
  for (let atMs = 1_000; atMs < endMs; atMs += random.whole(100, 2 * faultEveryMs)) {
    const lastsMs = random.chance(0.25) ? random.whole(7_000, 14_000) : random.whole(200, 4_000)
    const forMs = Math.min(lastsMs, endMs - atMs)
    const isFull = [...lines.values()].filter(({ overMs }) => overMs > atMs).length >= mostLines
    const free = drawn.filter(name => {
      const line = lineOf(name)
      return line === null || (!isFull && (lines.get(line)?.restedMs ?? 0) <= atMs)
    })
    if (free.length === 0) continue
    const name = random.one(free)
    const line = lineOf(name)
    if (line !== null) lines.set(line, { overMs: atMs + forMs, restedMs: atMs + forMs * (1 + restShare) })
    faults.push({ atMs, name, where: random.whole(0, 999), forMs, how: random.whole(0, 999) })
  }
  return faults
}
