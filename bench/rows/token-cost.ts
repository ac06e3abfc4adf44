import { orderOf } from "../floors/ask-floor.ts"
import { inTurns, median } from "../measure.ts"
import { lostOf, openStreamers, type Streamer } from "../ours/streamers.ts"
import { compare, type Line, type MeasureRow } from "../row.ts"

const streams = 20
const short = 100
/** As fast as they can be written, which the goals are about; and at a pace at which nothing waits. */
const paces = [
  { what: "saturated", tokens: 8_000, judged: true },
  { what: "20 × 4,000 tokens/s", tokens: 4_000, rate: 4_000, judged: false },
]
const rounds = { warmUps: 2, rounds: 5 }

/**
 * What a token costs: CPU time of gateway, worker and Redis together. Beginning and ending a stream is no part of it: the cost of short
 * ones is taken off that of long ones.
 */
export const run: MeasureRow = async ({ signal }) => {
  await using streamers = await openStreamers(streams, () => orderOf({ tokens: 20 }), signal)
  const { pipe, sdk, each, ours } = streamers
  const lines: Line[] = []
  const profile: string[] = []
  let lost = 0
  for (const { what, tokens: long, judged, ...pace } of paces) {
    const cost = async (streamer: Streamer, tokens: number): Promise<number> => {
      const orders = Array.from({ length: streams }, () => orderOf({ tokens, delayMs: 25, ...pace }))
      const before = await streamer.cpuMs()
      const streamed = await streamer.stream(orders)
      if (streamer === ours) lost += lostOf(streamed, tokens)
      return (await streamer.cpuMs()) - before
    }
    const perMillion = (streamer: Streamer) => async () => {
      const own = await cost(streamer, short)
      return (((await cost(streamer, long)) - own) / (streams * (long - short))) * 1_000
    }
    const contenders = {
      pipe: perMillion(pipe),
      sdk: perMillion(sdk),
      each: perMillion(each),
      ours: perMillion(ours),
    }
    const found = await inTurns(contenders, { ...rounds, signal })
    const against = (name: "each" | "sdk", whom: string, atLeast: number): Line => {
      const figures = { floor: 1e6 / median(found[name]), ours: 1e6 / median(found.ours) }
      const line = compare(`${what}, tokens a core second against ${whom}`, "/s", figures, { atLeast })
      return judged ? line : { ...line, goal: "reported", ok: null }
    }
    lines.push(against("each", "an XADD an event", 3.5), against("sdk", "the SDK without a record", 1.5))
    const figures = Object.entries(found).map(([name, all]) => `${name} ${median(all).toFixed(1)}`)
    profile.push(`${what}, CPU s per million tokens, Redis included: ${figures.join(", ")}`)
  }
  lines.push({
    what: "lost or out of order",
    floor: null,
    ours: lost,
    unit: "tokens",
    ratio: null,
    goal: "0",
    ok: lost === 0,
  })
  return { lines, profile }
}
