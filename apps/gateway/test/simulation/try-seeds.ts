import { expect } from "vitest"
import { type Simulated, simulate } from "./simulate.ts"

/** Runs seeds one after another, and fails at the first one that is wrong: `run.ts` replays it. */
export const trySeeds = async (first: number, count: number): Promise<Simulated[]> => {
  const stories: Simulated[] = []
  for (let seed = first; seed < first + count; seed++) {
    const story = await simulate(seed)
    expect(story.wrong, `node apps/gateway/test/simulation/run.ts ${seed}`).toEqual([])
    stories.push(story)
  }
  return stories
}
