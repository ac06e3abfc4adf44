import { bodyOf, orderOf } from "../floors/ask-floor.ts"
import { startStoppable } from "../floors/stoppable.ts"
import { type LoadClient, openLoad } from "../http-load.ts"
import { type Contender, fiveRounds, inTurns, median, preciseNow, quantile } from "../measure.ts"
import type { BenchModel } from "../model/model-process.ts"
import { makeStampReader, type Order } from "../model/order.ts"
import { type FastHouse, openFastHouse } from "../ours/fast-house.ts"
import { compare, type MeasureRow } from "../row.ts"
import { type OpenStream, openStream, whileStreaming } from "../stream-client.ts"

const samples = 8
const order = () => orderOf({ tokens: 20_000, rate: 1_000 })
/** Nobody has read an answer to interrupt it sooner; what a new task's first turn sets up beside it is there by then. */
const readTokens = 400
/** While its workspace is still being made: git and a keeper start on the same cores. */
const hastyTokens = 40

/** One interrupt: ms from its request to the model's closed socket and to its answer, and tokens that came after that. */
type Interrupted = { closedMs: number; answeredMs: number; stale: number }

/** From the request to interrupt, over HTTP and three processes, to the closed connection at the model and to the answer. */
export const run: MeasureRow = async ({ signal }) => {
  await using ours = await openFastHouse(signal)
  const { house, model } = ours
  const at = { redis: house.redis.url, model: model.url }
  await using floor = await startStoppable({ ...at, keeps: false }, signal)
  await using keeping = await startStoppable({ ...at, keeps: true }, signal)
  using floorLoad = await openLoad(floor.url, 1)
  using keepingLoad = await openLoad(keeping.url, 1)
  using load = await openLoad(house.url, 1)
  const all: Record<"floor" | "keeping" | "ours" | "hasty", Interrupted[]> = {
    floor: [],
    keeping: [],
    ours: [],
    hasty: [],
  }
  await inTurns(
    {
      floor: many(all.floor, () => interruptFloor(floor.url, model, floorLoad)),
      keeping: many(all.keeping, () => interruptFloor(keeping.url, model, keepingLoad)),
      ours: many(all.ours, () => interruptOurs(ours, load, readTokens)),
      hasty: many(all.hasty, () => interruptOurs(ours, load, hastyTokens)),
    },
    fiveRounds(signal),
  )
  const middle = (of: Interrupted[], which: "closedMs" | "answeredMs") => median(of.map(each => each[which]))
  const p99 = (of: Interrupted[]) =>
    quantile(
      of.map(each => each.closedMs),
      0.99,
    ).toFixed(1)
  const interrupted = [...all.ours, ...all.hasty]
  const stale = interrupted.reduce((sum, each) => sum + each.stale, 0)
  const both = (which: "closedMs" | "answeredMs", floors: Interrupted[], of = all.ours) => ({
    floor: middle(floors, which),
    ours: middle(of, which),
  })
  const told = (what: string, medians: { floor: number; ours: number }) => ({
    ...compare(what, "ms", medians, { atMost: 1.5 }),
    goal: "reported",
    ok: null,
  })
  return {
    lines: [
      compare("the model's connection is closed", "ms", both("closedMs", all.floor), { atMost: 1.5 }),
      // An interrupt that was answered survives the worker: the floor that is judged by keeps it, too.
      compare("it is answered", "ms", both("answeredMs", all.keeping), { atMost: 1.5 }),
      told("answered, by a floor that keeps nothing", both("answeredMs", all.floor)),
      told(`closed, ${hastyTokens} tokens into a new task`, both("closedMs", all.floor, all.hasty)),
      told(`answered, ${hastyTokens} tokens into a new task`, both("answeredMs", all.keeping, all.hasty)),
      {
        what: `tokens after the answer, of ${interrupted.length}`,
        floor: null,
        ours: stale,
        unit: "tokens",
        ratio: null,
        goal: "0",
        ok: stale === 0,
      },
    ],
    profile: [
      `closed, p99: floor ${p99(all.floor)} ms, ours ${p99(all.ours)} ms`,
      `tokens after the floor's answer: ${all.floor.reduce((sum, each) => sum + each.stale, 0)}`,
    ],
  }
}

const many =
  (into: Interrupted[], once: () => Promise<Interrupted>): Contender =>
  async () => {
    const found: Interrupted[] = []
    for (let index = 0; index < samples; index += 1) found.push(await once())
    into.push(...found)
    return found.map(each => each.closedMs)
  }

const interruptFloor = async (url: string, model: BenchModel, load: LoadClient): Promise<Interrupted> => {
  const asked = order()
  return interrupt({ model, asked, tokens: readTokens, load }, "/stop", {}, onText =>
    openStream({ url, path: "/", body: bodyOf(asked), onText }),
  )
}

const interruptOurs = async (ours: FastHouse, load: LoadClient, tokens: number): Promise<Interrupted> => {
  const { house, model } = ours
  const asked = order()
  const headers = { authorization: `Bearer ${house.apiKey}` }
  let task = ""
  return interrupt(
    { model, asked, tokens, load },
    () => `/v1/tasks/${task}/interrupt`,
    headers,
    async onText => {
      const turn = await ours.begin(asked, { onText })
      task = await turn.task
      return turn
    },
  )
}

/** What is asked for, and after how many tokens of it the interrupt goes out. */
type Wish = { model: BenchModel; asked: Order; tokens: number; load: LoadClient }

const interrupt = async (
  { model, asked, tokens: wanted, load }: Wish,
  path: string | (() => string),
  headers: Record<string, string>,
  open: (onText: (text: string) => void) => Promise<OpenStream>,
): Promise<Interrupted> => {
  let tokens = 0
  const running = Promise.withResolvers<void>()
  const read = makeStampReader((_, index) => {
    // The event that keeps what was said until then repeats it.
    if (index < tokens) return
    tokens += 1
    if (tokens > wanted) running.resolve()
  })
  const stream = await open(read)
  await whileStreaming(stream, running.promise)
  const ended = model.ended(asked.id)
  const startedAt = preciseNow()
  const status = await load.post({ path: typeof path === "string" ? path : path(), headers, body: "{}" })
  const answeredAt = preciseNow()
  const before = tokens
  if (status !== 202) throw new Error(`the interrupt was answered ${status}`)
  const { at, how } = await ended
  if (how !== "cut") throw new Error(`the model's answer was ${how}`)
  await stream.ended
  return { closedMs: at - startedAt, answeredMs: answeredAt - startedAt, stale: tokens - before }
}
