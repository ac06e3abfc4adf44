import { makeRandom, type Random } from "../simulation/random.ts"
import { type Fault, type FaultName, faultNames, makeFaults } from "./fault-plan.ts"
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
  "pull request",
  "publish",
  "slack",
  "slack",
  "discord",
  "discord",
  "github",
  "github",
  "candidates",
  "race",
  "race",
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

/** All that a seed says will happen. */
export type Plan = { seed: number; endMs: number; errands: Errand[]; faults: Fault[] }

/** The repositories; a lane runs two turns of each at once. */
export const repos = ["one", "two", "three"] as const
/** The one that is at GitHub. */
export const githubRepo = "three"

/** How far errands lie apart, on average. */
const errandEveryMs = 900
/** What is drawn for the faults is not what is drawn for the errands: a longer run of a seed begins with the same errands. */
const faultSeed = 0x5eed

/** Makes the plan of a seed: the same seed and length give the same plan. */
export const makePlan = (
  seed: number,
  minutes: number,
  more: { faults?: readonly FaultName[]; does?: readonly Errand["does"][] } = {},
): Plan => {
  const random = makeRandom(seed)
  const endMs = minutes * 60_000
  const errands: Errand[] = []
  for (let atMs = 0; atMs < endMs; atMs += random.whole(1, 2 * errandEveryMs))
    errands.push(makeErrand(random, random.one(more.does ?? doings), errands.length + 1, atMs))
  const faults = makeFaults(makeRandom(seed ^ faultSeed), endMs, more.faults ?? faultNames)
  return { seed, endMs, errands, faults }
}

/** Only the deep lane has plans to allow, and publishes. */
const deepAlone: ReadonlySet<Errand["does"]> = new Set(["gate", "publish", "github", "candidates"])
/** The models of candidates, by which the commands of one are told from another's. */
export const candidateModels = ["red", "green", "blue"] as const
/** Who runs in a race. */
export const raceLanes = ["fast", "deep"] as const
const atGithub: ReadonlySet<Errand["does"]> = new Set(["pull request", "publish", "github"])

const makeErrand = (random: Random, does: Errand["does"], task: number, atMs: number): Errand => {
  const isFast = does === "race" || (!deepAlone.has(does) && random.chance(0.3))
  const lane = isFast ? "fast" : "deep"
  const first =
    does === "race"
      ? raceSteps(random)
      : lane === "fast"
        ? fastSteps(random)
        : deepSteps(random, does === "gate")
  const second = random.chance(0.5) ? deepSteps(random, false) : (["patch"] as const)
  return {
    task,
    atMs,
    lane,
    repo: atGithub.has(does) ? githubRepo : random.one(repos),
    turns: [stepsOf(1, first), stepsOf(2, second)],
    does,
    afterMs: random.chance(0.3) ? random.whole(0, 50) : random.whole(50, 3_000),
  }
}

/** A fast turn ends with the first green. */
const fastSteps = (random: Random): Step["kind"][] => (random.chance(0.5) ? ["patch"] : ["red", "mend"])

/** The fast one is green after its part; the deep one has more to do, and mostly loses. */
const raceSteps = (random: Random): Step["kind"][] => [...fastSteps(random), "run", "slow", "patch"]

const deepSteps = (random: Random, isGated: boolean): Step["kind"][] => {
  const work = Array.from({ length: random.whole(1, 4) }, () =>
    random.one(["patch", "run", "run", "slow"] as const),
  )
  const red = random.chance(0.3) ? (["red", "done", "mend"] as const) : []
  return [...(isGated ? (["plan"] as const) : []), ...work, ...red]
}
