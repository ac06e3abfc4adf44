import { askOverHttp, openLine, orderOf } from "../floors/ask-floor.ts"
import { startTwoHops } from "../floors/hop.ts"
import { type Contender, fiveRounds, inTurns, median, quantile } from "../measure.ts"
import { type FastHouse, finish, openFastHouse } from "../ours/fast-house.ts"
import { openLiveLine } from "../ours/live-line.ts"
import { compare, type Line, type MeasureRow } from "../row.ts"
import type { Streamed } from "../stream-client.ts"

const samples = 20
const order = () => orderOf({ tokens: 20, rate: 1_000, delayMs: 25 })

/** The first token: when the caller has it, minus when it left the model. Warm: connections stand, and the task has had a turn. */
export const run: MeasureRow = async ({ signal }) => {
  await using ours = await openFastHouse(signal)
  const { model } = ours
  await using pipe = await startTwoHops("http-pipe", { model: model.url }, signal)
  await using proxy = await startTwoHops("http-proxy", { model: model.url }, signal)
  await using sdk = await startTwoHops("sdk-restream", { model: model.url }, signal)
  await using forwarder = await startTwoHops("ws-forwarder", { model: model.url }, signal)
  using line = await openLine(forwarder.url)
  using live = await openLiveLine(ours.house)
  const overHttp = (url: string) => many(() => askOverHttp(url, order()))
  const wholes: number[] = []
  const found = await inTurns(
    {
      forwarder: many(() => line.ask(order())),
      pipe: overHttp(pipe.url),
      proxy: overHttp(proxy.url),
      sdk: overHttp(sdk.url),
      sse: warmTurns(ours, async task => {
        const turn = await finish(await ours.next(task, order()))
        wholes.push(turn.firstAt - turn.sentAt)
        return turn
      }),
      live: warmTurns(ours, task => live.turn(task, order())),
    },
    fiveRounds(signal),
  )
  const against = (floor: readonly number[], ours: readonly number[]) => ({
    floor: median(floor),
    ours: median(ours),
  })
  return {
    lines: [
      compare("SSE client against node:http pipes", "ms", against(found.pipe, found.sse), { atMost: 1.3 }),
      compare("WebSocket client against WebSocket forwarders", "ms", against(found.forwarder, found.live), {
        atMost: 1.5,
      }),
      toProxy(against(found.proxy, found.live), median(found.forwarder)),
    ],
    profile: [
      `p50/p99 ms: ${Object.entries(found)
        .map(([name, all]) => `${name} ${median(all).toFixed(2)}/${quantile(all, 0.99).toFixed(2)}`)
        .join(", ")}`,
      `from the caller's request to its first token, without the model's 25 ms: ${(median(wholes) - 25).toFixed(1)} ms`,
    ],
  }
}

/** What the bare forwarder does not reach either is no goal of ours: then it is told and not judged. */
const toProxy = (figures: { floor: number; ours: number }, forwarder: number): Line => {
  const line = compare("WebSocket client against @fastify/http-proxy", "ms", figures, { atMost: 0.6 })
  return forwarder / figures.floor > 0.6 ? { ...line, ok: null } : line
}

const many =
  (once: () => Promise<Streamed>): Contender =>
  async () => {
    const found: number[] = []
    for (let index = 0; index < samples; index += 1) found.push((await once()).delays[0] ?? Number.NaN)
    return found
  }

/** Follow-ups of one task, each round another. */
const warmTurns =
  (ours: FastHouse, turn: (task: string) => Promise<Streamed>): Contender =>
  async () => {
    const { task } = await finish(await ours.begin(order()))
    return many(() => turn(task))()
  }
