/** Streams of tokens in a process of their own, recorded in one of several ways; each way has the same tokens at the same pace. */
import { randomUUID } from "node:crypto"
import type { TaskDelta } from "@twolane/protocol"
import type { Attempt, TaskRef } from "@twolane/store"
import { Redis } from "ioredis"
import { childSide } from "../child.ts"
import { newTask, openBenchStore, team } from "./store.ts"

/**
 * `each`: an XADD for each token, the naive way; `ours`: as the product's attempts record. Their controls: `none`, the streams alone, and
 * `held`, the streams beside a worker that holds as many attempts (leases, queue, picker) and records nothing.
 */
export type RecordedInput = { url: string; way: "none" | "each" | "held" | "ours"; streams: number }
/** What it is told: how many tokens each stream has, and how many a second. */
export type RecordedOrder = { tokens: number; rate: number }
/** What it says; `keep` is where the first stream's record is: a Redis stream, or a task. */
export type RecordedSays = { ready: true } | { cpuMs: number; keep: string }

type Recorder = { record(text: string): void; end(whole: string): Promise<void>; keep: string }

const { input, say } = childSide<RecordedInput>()
const tickMs = 4
const token = "word"

const naive = (redis: Redis): Recorder => {
  const keep = `naive:${randomUUID()}`
  const write = (event: object) => redis.xadd(keep, "*", "e", JSON.stringify(event))
  return {
    keep,
    record: text => {
      const at = Date.now()
      const event: TaskDelta = { type: "message.delta", text, task: keep, turn: keep, attempt: 1, at }
      write(event).catch(() => undefined) // the bench's Redis stays
    },
    end: async whole => void (await write({ type: "message.done", text: whole })),
  }
}

const ofAttempt = (attempt: Attempt): Recorder => ({
  keep: attempt.task,
  record: input.way === "held" ? () => {} : text => attempt.delta({ type: "message.delta", text }),
  end: async text => {
    const { turn } = attempt
    await attempt.write((_state, at) => [{ type: "message.done", text, turn, at }])
  },
})

const claim = async (): Promise<Recorder[]> => {
  const store = await openBenchStore(input.url, { perRepo: input.streams })
  store.startUpkeep()
  const claimed: Recorder[] = []
  const all = Promise.withResolvers<void>()
  await store.startWorker({
    lane: "deep",
    id: `bench-${process.pid}`,
    capacity: input.streams,
    version: "bench",
    sandbox: "none",
    host: "bench",
    started: () => ({ model: "none", engine: "noop" }),
    holding: () => null,
    run: async attempt => {
      claimed.push(ofAttempt(attempt))
      if (claimed.length === input.streams) all.resolve()
      await new Promise(() => {})
    },
    deliver: async () => ({ ok: false, code: "internal", detail: "the bench delivers nothing" }),
  })
  const refs: TaskRef[] = []
  for (let index = 0; index < input.streams; index += 1) {
    const task = newTask(index, store.now(), `bench-${process.pid}`)
    refs.push({ team, task: task.task })
    await store.create(task)
  }
  await all.promise
  return claimed
}

const open = async (): Promise<Recorder[]> => {
  if (input.way === "ours" || input.way === "held") return claim()
  const redis = new Redis(input.url)
  const nothing: Recorder = { keep: "", record: () => {}, end: async () => {} }
  return Array.from({ length: input.streams }, () => (input.way === "each" ? naive(redis) : nothing))
}

const recorders = await open()

const stream = async ({ tokens, rate }: RecordedOrder): Promise<void> => {
  const before = process.cpuUsage()
  const startedAt = performance.now()
  for (let sent = 0; sent < tokens; ) {
    await new Promise(resolve => setTimeout(resolve, tickMs))
    const due = Math.min(tokens, Math.floor(((performance.now() - startedAt) * rate) / 1_000))
    for (const recorder of recorders) for (let index = sent; index < due; index += 1) recorder.record(token)
    sent = due
  }
  await Promise.all(recorders.map(recorder => recorder.end(token.repeat(tokens))))
  const { user, system } = process.cpuUsage(before)
  say({ cpuMs: (user + system) / 1_000, keep: recorders[0]?.keep ?? "" })
}

process.on("message", message => void stream(message as RecordedOrder))
say({ ready: true })
