/** One round of a contender: does the work and answers its figure (or all figures of its samples). */
export type Contender = () => Promise<number | readonly number[]>

/** How often everything is done. */
export type Rounds = { warmUps: number; rounds: number; signal: AbortSignal }

/** Five rounds after one warm-up: the least that a median is taken of. */
export const fiveRounds = (signal: AbortSignal): Rounds => ({ warmUps: 1, rounds: 5, signal })

/**
 * Runs the contenders in turns (A B A B …), so that whatever else the machine does meets them alike, and answers each
 * one's samples without those of the warm-up.
 */
export const inTurns = async <Name extends string>(
  contenders: Readonly<Record<Name, Contender>>,
  { warmUps, rounds, signal }: Rounds,
): Promise<Record<Name, number[]>> => {
  const entries = Object.entries<Contender>(contenders)
  const samples = new Map<string, number[]>(entries.map(([name]) => [name, []]))
  for (let round = 0; round < warmUps + rounds; round += 1) {
    for (const [name, contender] of entries) {
      signal.throwIfAborted()
      const figures = await contender()
      if (round >= warmUps) samples.get(name)?.push(...(typeof figures === "number" ? [figures] : figures))
    }
  }
  return Object.fromEntries(samples) as Record<Name, number[]>
}

/** A contender whose round has `count` samples, one after the other. */
export const repeated =
  (count: number, once: () => Promise<number>): Contender =>
  async () => {
    const figures: number[] = []
    for (let index = 0; index < count; index += 1) figures.push(await once())
    return figures
  }

/** How long it takes, in ms. */
export const timed = async (act: () => Promise<unknown>): Promise<number> => {
  const startedAt = performance.now()
  await act()
  return performance.now() - startedAt
}

/** The sample below which the share `q` of all lies. */
export const quantile = (samples: readonly number[], q: number): number => {
  const sorted = samples.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? Number.NaN
}

/** The middle sample. */
export const median = (samples: readonly number[]): number => quantile(samples, 0.5)

/** Does `count` things, `atOnce` of them at a time. */
export const inFlight = async (
  count: number,
  atOnce: number,
  act: (index: number) => Promise<unknown>,
): Promise<void> => {
  let next = 0
  const lane = async () => {
    while (next < count) {
      const index = next
      next += 1
      await act(index)
    }
  }
  await Promise.all(Array.from({ length: Math.min(atOnce, count) }, lane))
}

/** Monotonic ms with their fraction: one clock for all processes of the machine, whatever happens to the time of day. */
export const preciseNow = (): number => Number(process.hrtime.bigint()) / 1e6
