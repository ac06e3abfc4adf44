import { cpus } from "node:os"
import { orderOf } from "../floors/ask-floor.ts"
import { inTurns, median, quantile } from "../measure.ts"
import { type FastHouse, finish, openFastHouse } from "../ours/fast-house.ts"
import { benchRepo } from "../ours/house.ts"
import { watchTask } from "../ours/watch-task.ts"
import { compare, type MeasureRow } from "../row.ts"

const samples = 20
const rounds = 5
const order = () => orderOf({ tokens: 100, rate: 1_000, delayMs: 10 })

/** Fast turns beside a deep lane whose commands would take every core, against the same with the deep lane idle. */
export const run: MeasureRow = async ({ signal }) => {
  await using ours = await openFastHouse(signal, {
    deepWorkers: 1,
    env: { TWOLANE_DEEP_CONCURRENCY: String(cpus().length) },
  })
  const { task } = await finish(await ours.begin(order()))
  const first: Record<"idle" | "busy", number[]> = { idle: [], busy: [] }
  const idleShare: Record<"idle" | "busy", number[]> = { idle: [], busy: [] }
  const measure = (of: "idle" | "busy") => async () => {
    const delays: number[] = []
    await finish(await ours.next(task, order()))
    const before = coreTimes()
    for (let index = 0; index < samples; index += 1) {
      const turn = await finish(await ours.next(task, order()))
      first[of].push(turn.firstAt - turn.sentAt)
      delays.push(...turn.delays)
    }
    const after = coreTimes()
    idleShare[of].push((after.idle - before.idle) / (after.all - before.all))
    return delays
  }
  const found = await inTurns(
    {
      idle: measure("idle"),
      busy: async () => {
        await using _load = await saturate(ours, signal)
        return measure("busy")()
      },
    },
    { warmUps: 0, rounds, signal },
  )
  const p99 = (of: { idle: number[]; busy: number[] }) => ({
    floor: quantile(of.idle, 0.99),
    ours: quantile(of.busy, 0.99),
  })
  return {
    lines: [
      compare("a token's delay, p99", "ms", p99(found), { atMost: 2 }),
      compare("request to first token, p99", "ms", p99(first), { atMost: 2 }),
    ],
    profile: [
      `p50 ms, idle and busy: a token ${median(found.idle).toFixed(2)}, ${median(found.busy).toFixed(2)}; first token ${median(first.idle).toFixed(1)}, ${median(first.busy).toFixed(1)}`,
      `of the cores idle: ${percent(idleShare.idle)} beside an idle deep lane, ${percent(idleShare.busy)} beside a busy one`,
    ],
  }
}

/** What the cores did so far, in ms. */
const coreTimes = (): { idle: number; all: number } => {
  const times = cpus().map(core => core.times)
  const all = times.flatMap(time => Object.values(time)).reduce((sum, ms) => sum + ms, 0)
  return { idle: times.reduce((sum, time) => sum + time.idle, 0), all }
}

const percent = (shares: readonly number[]): string => `${Math.round(median(shares) * 100)} %`

/** As many deep turns as there are cores, each with a command that takes one; disposing it cancels them. */
const saturate = async ({ house }: FastHouse, signal: AbortSignal): Promise<AsyncDisposable> => {
  const tasks: string[] = []
  for (let index = 0; index < cpus().length; index += 1) {
    const prompt = `burn ${index}`
    const made = await house.call("POST", "/v1/tasks", {
      repo: benchRepo,
      lane: "deep",
      prompt,
      test: "none",
    })
    if (made.status !== 202) throw new Error(`the task was refused: ${made.text}`)
    const { id } = made.body as { id: string }
    using watched = await watchTask(house, id, signal)
    // An event, since live text that came before the watch is not told again.
    await watched.until(({ type }) => type === "tool.started" || type === "turn.ended")
    tasks.push(id)
  }
  return {
    [Symbol.asyncDispose]: async () => {
      for (const id of tasks) {
        using watched = await watchTask(house, id, signal)
        await house.call("POST", `/v1/tasks/${id}/cancel`, {})
        await watched.until(event => event.type === "turn.ended")
      }
    },
  }
}
