import type { Client } from "./connect.ts"
import { withDeadline } from "./deadline.ts"

/** Redis' clock, read by a kept offset to this process' monotonic clock: whoever sets the machine's clock changes nothing. */
export type RedisClock = { now: () => number; sync: () => Promise<void> }

/** Makes a clock that is right after the first `sync`; the smallest round trip of a few gives the offset. */
export const makeClock = (client: Client): RedisClock => {
  let offsetMs = 0
  const measure = async () => {
    const sentAt = performance.now()
    const [seconds = "0", micros = "0"] = await withDeadline(client.time().then(parts => parts.map(String)))
    const roundTripMs = performance.now() - sentAt
    const redisNow = Number(seconds) * 1_000 + Number(micros) / 1_000
    return { roundTripMs, offsetMs: redisNow + roundTripMs / 2 - performance.now() }
  }
  return {
    now: () => Math.round(performance.now() + offsetMs),
    sync: async () => {
      const samples = [await measure(), await measure(), await measure()]
      const best = samples.toSorted((a, b) => a.roundTripMs - b.roundTripMs)[0]
      if (best !== undefined) offsetMs = best.offsetMs
    },
  }
}
