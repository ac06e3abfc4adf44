import { orderOf } from "../floors/ask-floor.ts"
import { fiveRounds, inTurns, median, quantile } from "../measure.ts"
import { lostOf, openStreamers, type Streamer } from "../ours/streamers.ts"
import { compare, type Line, type MeasureRow } from "../row.ts"

const streams = [1, 20]
const rate = 1_000
const tokens = 1_000

/** How long a token is on its way from the model to the caller, beside recording: one stream alone, and twenty at once. */
export const run: MeasureRow = async ({ signal }) => {
  await using streamers = await openStreamers(
    Math.max(...streams),
    () => orderOf({ tokens: 20, rate }),
    signal,
  )
  const { pipe, each, ours } = streamers
  const lines: Line[] = []
  const profile: string[] = []
  for (const many of streams) {
    const lost: Record<string, number> = {}
    const measure = (name: string, streamer: Streamer) => async () => {
      const orders = Array.from({ length: many }, () => orderOf({ tokens, rate, delayMs: 25 }))
      const streamed = await streamer.stream(orders)
      lost[name] = (lost[name] ?? 0) + lostOf(streamed, tokens)
      return streamed.flatMap(({ delays }) => delays)
    }
    const found = await inTurns(
      { pipe: measure("pipe", pipe), each: measure("each", each), ours: measure("ours", ours) },
      fiveRounds(signal),
    )
    const what = `${many} × ${rate.toLocaleString("en")} tokens/s`
    const p50 = { floor: median(found.pipe), ours: median(found.ours) }
    lines.push(compare(`${what}, p50`, "ms", p50, { atMost: 1.5 }), {
      what: `${what}, lost or out of order`,
      floor: null,
      ours: lost.ours ?? 0,
      unit: "tokens",
      ratio: null,
      goal: "0",
      ok: lost.ours === 0,
    })
    const figures = Object.entries(found).map(
      ([name, all]) =>
        `${name} ${median(all).toFixed(2)}/${quantile(all, 0.99).toFixed(2)} (${lost[name]} lost)`,
    )
    profile.push(`${what}, p50/p99 ms: ${figures.join(", ")}`)
  }
  return {
    lines,
    profile: [...profile, "each: the SDK re-streamed behind that pipe, an XADD for each event"],
  }
}
