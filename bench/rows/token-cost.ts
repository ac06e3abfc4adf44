import { orderOf } from "../floors/ask-floor.ts"
import { inTurns, median } from "../measure.ts"
import { lostOf, openStreamers, type Streamer } from "../ours/streamers.ts"
import { compare, type MeasureRow } from "../row.ts"

const streams = 20
const rate = 4_000
const long = 4_000
const short = 100

/**
 * What a token costs when more come than can be written at once: CPU time of gateway, worker and Redis together. Beginning and ending a
 * stream is no part of it: the cost of short ones is taken off that of long ones.
 */
export const run: MeasureRow = async ({ signal }) => {
  await using streamers = await openStreamers(streams, () => orderOf({ tokens: 20, rate }), signal)
  let lost = 0
  const cost = async (streamer: Streamer, tokens: number): Promise<number> => {
    const before = await streamer.cpuMs()
    const streamed = await streamer.stream(
      Array.from({ length: streams }, () => orderOf({ tokens, rate, delayMs: 25 })),
    )
    if (streamer === streamers.ours) lost += lostOf(streamed, tokens)
    return (await streamer.cpuMs()) - before
  }
  const perMillion = (streamer: Streamer) => async () => {
    const own = await cost(streamer, short)
    const all = await cost(streamer, long)
    return ((all - own) / (streams * (long - short))) * 1_000
  }
  const { pipe, sdk, each, ours } = streamers
  const found = await inTurns(
    { pipe: perMillion(pipe), sdk: perMillion(sdk), each: perMillion(each), ours: perMillion(ours) },
    { warmUps: 2, rounds: 5, signal },
  )
  const perCore = (name: keyof typeof found) => 1e6 / median(found[name])
  const against = (name: "each" | "sdk") => ({ floor: perCore(name), ours: perCore("ours") })
  return {
    lines: [
      compare("tokens a core and second, against an XADD for each event", "/s", against("each"), {
        atLeast: 3.5,
      }),
      compare("tokens a core and second, against the SDK without a record", "/s", against("sdk"), {
        atLeast: 1.5,
      }),
      {
        what: "lost or out of order",
        floor: null,
        ours: lost,
        unit: "tokens",
        ratio: null,
        goal: "0",
        ok: lost === 0,
      },
    ],
    profile: [
      `CPU s per million tokens, Redis included: ${Object.entries(found)
        .map(([name, all]) => `${name} ${median(all).toFixed(1)}`)
        .join(", ")}`,
    ],
  }
}
