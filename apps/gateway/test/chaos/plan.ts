import { makeRandom, type Random } from "../simulation/random.ts"
import { type Step, stepsOf } from "./program.ts"

/** What a person does with a task, beside asking for it. */
export const doings = [
  "let be",
  "let be",
  "cancel",
  "interrupt",
  "steer",
  "follow up",
  "hand off",
  "gate",
  "push",
  "push",
  "merge",
  "merge",
] as const

/** One person's task: who asks what and when, and what they do with it then. */
export type Errand = {
  task: number
  atMs: number
  lane: "fast" | "deep"
  repo: string
  /** The steps of each of its turns. */
  turns: Step[][]
  does: (typeof doings)[number]
  /** How long after the turn's start they do it. */
  afterMs: number
}

/** What may go wrong. */
export const faultNames = [
  "kill",
  "kill",
  "kill",
  "stop",
  "freeze",
  "kill a keeper",
  "kill a hand",
  "kill redis",
  "restart redis",
  "freeze redis",
  "cut",
  "half-open",
  "half-open",
  "slow redis",
  "cut the model",
  "model errs",
  "model errs",
  "lose a push's answer",
  "ambush",
  "rival",
  "lose tickets",
  "bend a clock",
  "fill a disk",
  "receiver errs",
] as const
export type FaultName = (typeof faultNames)[number]

/** One fault: when, where (a number that chooses among what is there), for how long, and a number for what else there is to choose. */
export type Fault = { atMs: number; name: FaultName; where: number; forMs: number; how: number }

/** All that a seed says will happen. */
export type Plan = { seed: number; errands: Errand[]; faults: Fault[] }

/** The repositories; a lane runs two turns of each at once. */
export const repos = ["one", "two", "three"] as const

/** How far errands and faults lie apart, on average. */
const errandEveryMs = 900
const faultEveryMs = 2_500

/** Makes the plan of a seed: the same seed and length give the same plan. */
export const makePlan = (
  seed: number,
  minutes: number,
  more: { faults?: readonly FaultName[] } = {},
): Plan => {
  const random = makeRandom(seed)
  const endMs = minutes * 60_000
  const errands: Errand[] = []
  for (let atMs = 0; atMs < endMs; atMs += random.whole(1, 2 * errandEveryMs))
    errands.push(makeErrand(random, errands.length + 1, atMs))
  const faults: Fault[] = []
  const names = more.faults ?? faultNames
  for (let atMs = 1_000; atMs < endMs && names.length > 0; atMs += random.whole(100, 2 * faultEveryMs))
    faults.push({
      atMs,
      name: random.one(names),
      where: random.whole(0, 999),
      forMs: random.chance(0.25) ? random.whole(7_000, 14_000) : random.whole(200, 4_000),
      how: random.whole(0, 999),
    })
  return { seed, errands, faults }
}

const makeErrand = (random: Random, task: number, atMs: number): Errand => {
  const does = random.one(doings)
  // Only the deep lane has plans to allow.
  const lane = does !== "gate" && random.chance(0.3) ? "fast" : "deep"
  const first = lane === "fast" ? fastSteps(random) : deepSteps(random, does === "gate")
  const second = random.chance(0.5) ? deepSteps(random, false) : (["patch"] as const)
  return {
    task,
    atMs,
    lane,
    repo: random.one(repos),
    turns: [stepsOf(1, first), stepsOf(2, second)],
    does,
    afterMs: random.chance(0.3) ? random.whole(0, 50) : random.whole(50, 3_000),
  }
}

/** A fast turn ends with the first green. */
const fastSteps = (random: Random): Step["kind"][] => (random.chance(0.5) ? ["patch"] : ["red", "mend"])

const deepSteps = (random: Random, isGated: boolean): Step["kind"][] => {
  const work = Array.from({ length: random.whole(1, 4) }, () =>
    random.one(["patch", "run", "run", "slow"] as const),
  )
  const red = random.chance(0.3) ? (["red", "done", "mend"] as const) : []
  return [...(isGated ? (["plan"] as const) : []), ...work, ...red]
}
