import type { TaskDelta, TaskEvent } from "@twolane/protocol"
import { call, type House } from "@twolane/testkit"
import { median } from "../measure.ts"
import { benchRepo, openHouse } from "../ours/house.ts"
import { watchTask } from "../ours/watch-task.ts"
import type { MeasureRow } from "../row.ts"

const rounds = 5
/** The store's lease, and what may pass after it. */
const leaseMs = 10_000
const graceMs = 3_000

/** A worker is killed in mid-turn; how long until another has claimed the turn. The lease, which must pass first, is the floor. */
export const run: MeasureRow = async ({ signal }) => {
  await using opened = await openHouse({
    deepWorkers: 2,
    script: () => call(["shell", { command: "echo re''ady; sleep 1000", timeout_ms: 600_000 }]),
  })
  const { house } = opened
  const claimed: number[] = []
  const working: number[] = []
  for (let round = 0; round < rounds; round += 1) {
    const made = await house.call("POST", "/v1/tasks", {
      repo: benchRepo,
      lane: "deep",
      prompt: "wait",
      test: "none",
    })
    if (made.status !== 202) throw new Error(`the task was refused: ${made.text}`)
    const { id } = made.body as { id: string }
    using watched = await watchTask(house, id, signal)
    const first = await watched.until(isStart(1))
    await watched.until(isReady)
    await killWorker(house, first)
    const killedAt = performance.now()
    house.addWorker()
    await watched.until(isStart(2))
    claimed.push(performance.now() - killedAt)
    await watched.until(isReady)
    working.push(performance.now() - killedAt)
    await house.call("POST", `/v1/tasks/${id}/cancel`, {})
    await watched.until(event => event.type === "turn.ended")
  }
  const ours = median(claimed)
  const line = {
    what: "",
    floor: leaseMs,
    ours,
    unit: "ms",
    ratio: ours / leaseMs,
    goal: "≤ lease + 3 s",
    ok: ours <= leaseMs + graceMs,
  } as const
  const slowest = `the slowest of ${rounds}: ${Math.max(...claimed).toFixed(0)} ms`
  return {
    lines: [line],
    profile: [`${slowest}; until its command runs again: ${median(working).toFixed(0)} ms`],
  }
}

type Seen = TaskEvent | TaskDelta

const isStart =
  (attempt: number) =>
  (event: Seen): boolean =>
    event.type === "turn.started" && event.attempt === attempt

const isReady = (event: Seen): boolean => event.type === "tool.delta" && event.text.includes("ready")

/** Kills the worker process that an event names. */
const killWorker = async (house: House, event: Seen): Promise<void> => {
  if (event.type !== "turn.started") throw new Error(`not a start: ${event.type}`)
  const listed = (await house.call("GET", "/v1/workers")).body as { items: { id: string; pid: number }[] }
  const pid = listed.items.find(({ id }) => id === event.worker)?.pid
  const part = house.workers.find(worker => worker.pid === pid)
  if (part === undefined) throw new Error(`no process of ours is worker ${event.worker}`)
  part.kill("SIGKILL")
  await part.ended
}
