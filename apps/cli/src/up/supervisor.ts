import { refusedExitCode } from "@twolane/common"
import { keepRunning, type Part, type PartDeath, type PartSpec } from "./part.ts"

/** How often a part may die before the whole was ready once; then the start is given up. */
const maxEarlyDeaths = 3
/** How long parts get for a clean end, once turns had their time to drain: workers put them back, the gateway ends its streams, Redis writes its log. */
const endWithinMs = 20_000

/** The parts of one running Twolane. */
export type Supervisor = AsyncDisposable & {
  /** Starts a part and keeps it running. Parts that were added later are stopped earlier, those of one call together. */
  start(...specs: PartSpec[]): void
  /** From now on a part that dies is started again without end. */
  settled(): void
  /** Kills everything at once. */
  kill(): void
}

/** What the supervisor says of its parts, when it gives up, and how long workers may go on with their turns when it is disposed. */
export type SupervisorOptions = {
  say: (line: string) => void
  giveUp: (why: string) => void
  drainMs: number
}

/** Keeps parts running until it is disposed; then nothing of them is left. */
export const supervise = ({ say, giveUp, drainMs }: SupervisorOptions): Supervisor => {
  const groups: Part[][] = []
  const earlyDeaths = new Map<string, number>()
  let settled = false

  const onDeath = ({ name, how, code, lastLines }: PartDeath): boolean => {
    if (code === refusedExitCode) {
      giveUp(`${name} refused to start (its reason is above)`)
      return false
    }
    const deaths = (earlyDeaths.get(name) ?? 0) + 1
    earlyDeaths.set(name, deaths)
    if (!settled && deaths >= maxEarlyDeaths) {
      giveUp([`${name} does not stay up (${how}, ${deaths} times)`, ...lastLines].join("\n  "))
      return false
    }
    say(`${name} ended (${how}) and is started again`)
    return true
  }
  return {
    start: (...specs) => void groups.push(specs.map(spec => keepRunning(spec, onDeath))),
    settled: () => {
      settled = true
    },
    kill: () => {
      for (const part of groups.flat()) part.kill()
    },
    [Symbol.asyncDispose]: async () => {
      for (const group of groups.toReversed())
        await Promise.all(group.map(part => part.stop(drainMs + endWithinMs)))
    },
  }
}
