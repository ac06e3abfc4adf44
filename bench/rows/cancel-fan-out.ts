import { setTimeout as sleep } from "node:timers/promises"
import type { Task } from "@twolane/protocol"
import { Redis } from "ioredis"
import { startChild } from "../child.ts"
import { openLoad } from "../http-load.ts"
import { inFlight, preciseNow } from "../measure.ts"
import { type BenchHouse, benchRepo, openHouse } from "../ours/house.ts"
import type { StoreWorkerInput, StoreWorkerSays } from "../ours/store-worker.ts"
import { absolute, type MeasureRow } from "../row.ts"

const running = 1_000
/** Processes that hold them. */
const workers = 4
const lookEveryMs = 20
/** As many as the goal says with `--full`. */
const queued = { sample: 10_000, full: 100_000 }
const perRequest = 500
const requestsAtOnce = 4
const runningGoalMs = 2_000
const queuedGoalMs = 10_000
const stallGoalMs = 20
/** Commands of Redis that take less are not looked at. */
const noticedUs = 500

/** Canceling many tasks at once, from the first HTTP request to the last written end; and how long Redis served nobody else meanwhile. */
export const run: MeasureRow = async ({ full, signal }) => {
  await using opened = await openHouse({ deepWorkers: 0, fastWorkers: 0, env: { TWOLANE_READY_LANES: "" } })
  const limits = await opened.house.call("POST", "/v1/queue/limits", { lane: "deep", perRepo: running })
  if (limits.status !== 200) throw new Error(`the limit was refused: ${limits.text}`)
  const client = new Redis(opened.house.redis.url)
  try {
    const ofRunning = await cancelRunning(opened, client, signal)
    const count = full ? queued.full : queued.sample
    const ofQueued = await cancelQueued(opened, client, count)
    // Nobody may be left behind by an answer that was not read; the team's indexes follow what is written within moments.
    await until(opened, { canceled: running + count }, signal)
    return {
      lines: [
        absolute(`${running.toLocaleString("en")} running`, ofRunning.tookMs, runningGoalMs),
        absolute(
          `${count.toLocaleString("en")} queued`,
          ofQueued.tookMs,
          (queuedGoalMs * count) / queued.full,
        ),
        absolute(
          "Redis' longest command meanwhile",
          Math.max(ofRunning.stallMs, ofQueued.stallMs),
          stallGoalMs,
        ),
      ],
      profile: [
        `tasks are canceled by ${perRequest} a request, ${requestsAtOnce} requests at once; ${workers} processes hold all that run, with a no-op engine`,
      ],
    }
  } finally {
    client.disconnect()
  }
}

type FanOut = { tookMs: number; stallMs: number }

const cancelRunning = async (opened: BenchHouse, client: Redis, signal: AbortSignal): Promise<FanOut> => {
  const input: StoreWorkerInput = {
    url: opened.house.redis.url,
    capacity: running / workers,
    perRepo: running,
    mode: "obey",
    count: running,
    warmUp: 0,
  }
  await using stack = new AsyncDisposableStack()
  for (let at = 0; at < workers; at += 1)
    stack.use(startChild<StoreWorkerSays>("ours/store-worker.ts", input))
  const tasks = await submit(opened, running)
  await until(opened, { running }, signal)
  return noticing(client, async () => {
    const from = preciseNow()
    await cancel(opened, tasks)
    await until(opened, { running: 0, canceling: 0 }, signal)
    return preciseNow() - from
  })
}

const cancelQueued = async (opened: BenchHouse, client: Redis, count: number): Promise<FanOut> => {
  const tasks = await submit(opened, count)
  return noticing(client, async () => {
    const from = preciseNow()
    await cancel(opened, tasks)
    return preciseNow() - from
  })
}

type Counts = Record<string, number>

const countsOf = async ({ house }: BenchHouse): Promise<Counts> =>
  ((await house.call("GET", "/v1/tasks/counts")).body as { statuses: Counts }).statuses

const until = async (opened: BenchHouse, wanted: Counts, signal: AbortSignal): Promise<void> => {
  for (;;) {
    const counts = await countsOf(opened)
    if (Object.entries(wanted).every(([status, count]) => (counts[status] ?? 0) === count)) return
    await sleep(lookEveryMs, undefined, { signal })
  }
}

/** Does something, and looks for the longest command that Redis ran meanwhile: nobody else is served during one. */
const noticing = async (client: Redis, act: () => Promise<number>): Promise<FanOut> => {
  await client.config("SET", "slowlog-log-slower-than", noticedUs)
  await client.config("SET", "slowlog-max-len", 100_000)
  await client.slowlog("RESET")
  const tookMs = await act()
  const slow = (await client.slowlog("GET", -1)) as [id: number, at: number, us: number][]
  return { tookMs, stallMs: Math.max(noticedUs, ...slow.map(([, , us]) => us)) / 1_000 }
}

const submit = async ({ house }: BenchHouse, count: number): Promise<string[]> => {
  const ids: string[] = []
  await inFlight(count / perRequest, requestsAtOnce, async () => {
    const tasks = Array.from({ length: perRequest }, () => ({ repo: benchRepo, prompt: "Wait." }))
    const { body, status, text } = await house.call("POST", "/v1/tasks/batch", { tasks })
    if (status !== 200) throw new Error(`the tasks were refused: ${text}`)
    ids.push(...(body as { items: Task[] }).items.map(({ id }) => id))
  })
  return ids
}

const cancel = async ({ house }: BenchHouse, tasks: readonly string[]): Promise<void> => {
  using load = await openLoad(house.url, Math.min(requestsAtOnce, tasks.length / perRequest))
  const headers = { authorization: `Bearer ${house.apiKey}` }
  await inFlight(tasks.length / perRequest, requestsAtOnce, async at => {
    const some = tasks.slice(at * perRequest, (at + 1) * perRequest)
    const body = JSON.stringify({ tasks: some })
    const status = await load.post({ path: "/v1/tasks/cancel", headers, body })
    if (status !== 200) throw new Error(`the cancels were refused: ${status}`)
  })
}
