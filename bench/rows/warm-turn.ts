import { openLine, orderOf } from "../floors/ask-floor.ts"
import { fiveRounds, inTurns, median, quantile, repeated } from "../measure.ts"
import { type FastHouse, finish, openFastHouse } from "../ours/fast-house.ts"
import { compare, type Line, type MeasureRow } from "../row.ts"
import { whileStreaming } from "../stream-client.ts"

const histories = [5, 50, 500] as const
const stepsPerTurn = 35
const samples = 8
const addedGoalMs = 3
const bytesGoal = 0.03

/** From the request for a follow-up to when the model has it, after 5, 50 and 500 steps; against one message on a WebSocket. */
export const run: MeasureRow = async ({ signal }) => {
  await using ours = await openFastHouse(signal)
  const { model } = ours
  using line = await openLine(model.url.replace("/v1", ""))
  const [short, middle, long] = [await grow(ours, 5), await grow(ours, 50), await grow(ours, 500)]
  const floor = repeated(samples, async () => {
    const order = orderOf({ tokens: 5 })
    const { sentAt } = await line.ask(order)
    return (await model.asked(order.id)).at - sentAt
  })
  const found = await inTurns(
    {
      floor,
      short: repeated(samples, () => followUp(ours, short)),
      middle: repeated(samples, () => followUp(ours, middle)),
      long: repeated(samples, () => followUp(ours, long)),
    },
    fiveRounds(signal),
  )
  const floorMs = median(found.floor)
  const all = [found.short, found.middle, found.long]
  const lines = all.map((samplesOf, index): Line => {
    const tookMs = median(samplesOf)
    const what = `after ${histories[index]} steps`
    const goal = `floor + ${addedGoalMs} ms`
    return {
      what,
      unit: "ms",
      floor: floorMs,
      ours: tookMs,
      ratio: null,
      goal,
      ok: tookMs - floorMs <= addedGoalMs,
    }
  })
  const flat = { floor: median(found.short), ours: median(found.long) }
  return {
    lines: [...lines, compare("500 steps against 5", "ms", flat, { atMost: 1.3 }), await bytesUp(ours, long)],
    profile: [
      `p99 ms: ${all.map((of, index) => `${histories[index]} steps ${quantile(of, 0.99).toFixed(1)}`).join(", ")}`,
    ],
  }
}

/** A task whose turns have made so many model calls in all. */
const grow = async (ours: FastHouse, steps: number): Promise<string> => {
  let left = steps
  const take = () => {
    const now = Math.min(left, stepsPerTurn)
    left -= now
    return orderOf({ steps: now - 1, tokens: 1 })
  }
  const { task } = await finish(await ours.begin(take()))
  while (left > 0) await finish(await ours.next(task, take()))
  return task
}

const followUp = async (ours: FastHouse, task: string): Promise<number> => {
  const order = orderOf({ tokens: 5 })
  const turn = await ours.next(task, order)
  const { at } = await whileStreaming(turn, ours.model.asked(order.id))
  const { sentAt } = await finish(turn)
  return at - sentAt
}

/** What a follow-up sends to the model, against the whole conversation. */
const bytesUp = async (ours: FastHouse, task: string): Promise<Line> => {
  const order = orderOf({ tokens: 5, weigh: true })
  const turn = await ours.next(task, order)
  const { bytes } = await whileStreaming(turn, ours.model.asked(order.id))
  const whole = await ours.model.weighed(order.id)
  await finish(turn)
  const what = "bytes up after 500 steps against all of it"
  return { ...compare(what, "B", { floor: whole, ours: bytes }, { atMost: bytesGoal }), goal: "≤ 3 %" }
}
