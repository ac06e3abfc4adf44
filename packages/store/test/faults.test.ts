import { lastTurn, maxRetries } from "@twolane/protocol"
import { Redis } from "ioredis"
import { afterEach, beforeEach, expect, test } from "vitest"
import type { Context } from "../src/context.ts"
import type { Attempt, Store } from "../src/index.ts"
import { taskKeys } from "../src/keys.ts"
import { loadScripts, scriptRunner } from "../src/redis/script.ts"
import { append, prepare } from "../src/task/append.ts"
import {
  type Bench,
  cancelRequest,
  ended,
  message,
  newTask,
  shortTiming,
  startBench,
  succeed,
  team,
  typesOf,
  until,
  untilAborted,
  untilEnded,
  workerOf,
} from "./open-for-test.ts"

let bench: Bench
let gateway: Store
let upkeep: AsyncDisposable
let redis: Redis
beforeEach(async () => {
  bench = await startBench()
  gateway = await bench.open()
  upkeep = gateway.startUpkeep()
  redis = new Redis(bench.url)
  redis.on("error", () => {
    // Some tests kill Redis.
  })
})
afterEach(async () => {
  redis.disconnect()
  await upkeep[Symbol.asyncDispose]()
  await bench[Symbol.asyncDispose]()
})

/** A worker that neither beats nor fences itself, on a host of its own: to all others it is gone once its lease is over. */
const startSilent = async (host: string, run: (attempt: Attempt) => Promise<void>) => {
  const silent = await bench.open({ timing: { ...shortTiming, beatMs: 100_000, fenceMs: 100_000 } })
  return await silent.startWorker(workerOf(run, { host }))
}

test("a dead worker's turn is run again from its last state, and the zombie's writes are refused", async () => {
  const zombie = Promise.withResolvers<Attempt>()
  await using _silent = await startSilent("gone", async attempt => {
    await attempt.write([message(attempt.turn, "half")])
    zombie.resolve(attempt)
    await untilAborted(attempt)
  })
  const task = newTask()
  await gateway.create(task)
  const old = await zombie.promise
  const store = await bench.open()
  await using _worker = await store.startWorker(workerOf(succeed))
  const log = await untilEnded(gateway, task)
  expect(log.slice(2).map(({ id, type }) => `${id} ${type}`)).toEqual([
    "1-1 turn.started",
    "1-2 message.done",
    "2-1 attempt.lost",
    "2-2 turn.started",
    "2-3 turn.ended",
  ])
  await expect(old.write([message(task.turn, "zombie")])).rejects.toEqual({ by: "superseded" })
  expect(await gateway.savePack(task, 1, "c".repeat(40), Buffer.from("zombie"))).toBe(false)
})

test(`a turn that loses ${maxRetries} workers with no checkpoint between fails as worker-lost`, async () => {
  const task = newTask()
  const attempts: Attempt[] = []
  const workers = new AsyncDisposableStack()
  await using _workers = workers
  const startNext = async (): Promise<void> => {
    const worker = await startSilent(`gone-${attempts.length}`, async attempt => {
      attempts.push(attempt)
      const leaseOver = async () => Number(await redis.hget(taskKeys(task).state, "until")) < Date.now()
      await until(leaseOver)
      if (attempts.length < maxRetries) await startNext()
      await untilAborted(attempt)
    })
    workers.use(worker)
  }
  await startNext()
  await gateway.create(task)
  const log = await untilEnded(gateway, task)
  expect(log.slice(2).map(({ id, type }) => `${id} ${type}`)).toEqual([
    "1-1 turn.started",
    "2-1 attempt.lost",
    "2-2 turn.started",
    "3-1 attempt.lost",
    "3-2 turn.started",
    "3-3 attempt.lost",
    "3-4 turn.ended",
  ])
  const state = await gateway.read(task)
  expect(state && lastTurn(state)?.outcome).toMatchObject({ status: "failed", code: "worker-lost" })
  for (const attempt of attempts)
    await expect(attempt.write([message(task.turn, "I live")])).rejects.toEqual({ by: "superseded" })
})

test("a cancel of a turn whose worker is gone ends with the lease as proof", async () => {
  const started = Promise.withResolvers<void>()
  const finished = Promise.withResolvers<void>()
  await using _silent = await startSilent("gone", async () => {
    started.resolve()
    await finished.promise
  })
  const task = newTask()
  await gateway.create(task)
  await started.promise
  await gateway.change({ ...task, decide: () => [cancelRequest(task.turn)] })
  const log = await untilEnded(gateway, task)
  expect(log.slice(3)).toMatchObject([
    { type: "cancel.requested" },
    { type: "cancel.confirmed", proof: "lease" },
    { type: "turn.ended", outcome: { status: "canceled" } },
  ])
  finished.resolve()
})

test("a cancel whose wake-up is lost is learnt by the next beat", async () => {
  const started = Promise.withResolvers<void>()
  const heard = Promise.withResolvers<unknown>()
  const store = await bench.open()
  await using _worker = await store.startWorker(
    workerOf(async attempt => {
      started.resolve()
      await untilAborted(attempt)
      heard.resolve(attempt.signal.reason)
      await attempt.write([ended(attempt.turn)])
    }),
  )
  const task = newTask()
  await gateway.create(task)
  await started.promise
  const run = scriptRunner(redis, loadScripts())
  // The same function, publishing into the void.
  const deaf = {
    timing: shortTiming,
    run: (name, keys, args) => run(name, keys, args.with(10, "nowhere")),
  } satisfies Partial<Context>
  const before = await gateway.read(task)
  const write = prepare({ ref: task, before, events: [cancelRequest(task.turn)] })
  expect(await append(deaf as unknown as Context, write)).toMatchObject({ ok: true })
  expect(await heard.promise).toMatchObject({ by: "user" })
})

test("losing every BullMQ key loses nothing: the tickets are issued again", async () => {
  const busy = Promise.withResolvers<void>()
  const go = Promise.withResolvers<void>()
  const store = await bench.open()
  await using _worker = await store.startWorker(
    workerOf(
      async attempt => {
        busy.resolve()
        await go.promise
        await succeed(attempt)
      },
      { capacity: 1 },
    ),
  )
  const [first, second] = [newTask({ repo: "a" }), newTask({ repo: "b" })]
  await gateway.create(first)
  await busy.promise
  // Nobody serves this host's tickets, so the second one's stays in BullMQ until its keys are gone.
  const view = JSON.stringify({ ...(await store.workers())[0], id: "worker_ghost", host: "ghost" })
  await redis.hset("tl:{queue:deep}:workers", "worker_ghost", view)
  await gateway.create(second)
  await until(async () => (await redis.keys("tl:*:bull:host-ghost:turn_*")).length > 0)
  for (const key of await redis.keys("tl:*:bull:*")) await redis.del(key)
  go.resolve()
  await Promise.all([untilEnded(gateway, first), untilEnded(gateway, second)])
  const states = await gateway.readMany(team, [first.task, second.task])
  expect(states.map(state => state && lastTurn(state)?.status)).toEqual(["succeeded", "succeeded"])
})

test("a ticket of an older generation, and one for a task that is not there, are ignored", async () => {
  let runs = 0
  const store = await bench.open()
  await using _worker = await store.startWorker(
    workerOf(async attempt => {
      runs += 1
      await succeed(attempt)
    }),
  )
  const { Queue } = await import("bullmq")
  const queue = new Queue("host-here", { connection: redis, prefix: "tl:{queue:deep}:bull" })
  const task = newTask()
  await gateway.create(task)
  await untilEnded(gateway, task)
  const names = { team, task: task.task }
  await queue.add("turn", { ...names, generation: 1 }, { priority: 1, removeOnComplete: true })
  await queue.add("turn", { team, task: "task_none", generation: 1 }, { priority: 1, removeOnComplete: true })
  await until(async () => (await queue.getJobCounts()).prioritized === 0)
  await until(async () => (await queue.getActiveCount()) === 0)
  expect(runs).toBe(1)
  expect(
    typesOf(await gateway.events(task, "0-0", 100)).filter(type => type === "turn.started"),
  ).toHaveLength(1)
  await queue.close()
})

test("Redis gone in mid-task: the worker fences itself, and the task goes on after", async () => {
  const started = Promise.withResolvers<void>()
  const reasons: unknown[] = []
  const store = await bench.open()
  await using _worker = await store.startWorker(
    workerOf(async attempt => {
      if (attempt.attempt > 1) return await succeed(attempt)
      started.resolve()
      await untilAborted(attempt)
      reasons.push(attempt.signal.reason)
    }),
  )
  const task = newTask()
  await gateway.create(task)
  await started.promise
  bench.redis.pause()
  await until(async () => reasons.length === 1)
  expect(reasons).toEqual([{ by: "superseded" }])
  bench.redis.resume()
  const log = await untilEnded(gateway, task)
  expect(typesOf(log).slice(2)).toEqual(["turn.started", "attempt.lost", "turn.started", "turn.ended"])
})

test("a short outage costs nothing: what an attempt reads meanwhile is waited for, and what it writes is written once", async () => {
  const store = await bench.open({ timing: { leaseMs: 15_000, beatMs: 100, fenceMs: 12_000 } })
  const go = Promise.withResolvers<void>()
  const started = Promise.withResolvers<void>()
  await using _worker = await store.startWorker(
    workerOf(async attempt => {
      started.resolve()
      await go.promise
      const repo = await attempt.insist(() => store.repo(team, "nowhere"))
      await attempt.write([message(attempt.turn, `through the storm: ${repo === null ? "no" : "a"} repo`)])
      await succeed(attempt)
    }),
  )
  const task = newTask()
  await gateway.create(task)
  await started.promise
  await bench.redis.kill9()
  go.resolve()
  await new Promise(resolve => setTimeout(resolve, 300))
  await bench.redis.restart()
  const log = await untilEnded(gateway, task)
  expect(typesOf(log).slice(2)).toEqual(["turn.started", "message.done", "turn.ended"])
})

test("the sweep settles what a writer that crashed left behind", async () => {
  const store = await bench.open()
  const task = newTask()
  const run = scriptRunner(redis, loadScripts())
  const crashed = { timing: shortTiming, run } satisfies Partial<Context>
  await redis.sadd("tl:{upkeep}:teams", team)
  await redis.zadd(`tl:{team:${team}}:dirty`, Date.now() - 60_000, `${task.task}/crashed`)
  await append(crashed as unknown as Context, prepare({ ref: task, before: null, events: task.events }))
  await using _worker = await store.startWorker(workerOf(succeed))
  await untilEnded(gateway, task)
  await until(async () => (await redis.zcard(`tl:{team:${team}}:dirty`)) === 0)
  const { items } = await gateway.list(team, {}, { limit: 10 })
  expect(items.map(({ id, status }) => [id, status])).toEqual([[task.task, "succeeded"]])
})

test("a worker ends though Redis does not answer any more", async () => {
  const worker = await (await bench.open()).startWorker(workerOf(succeed))
  bench.redis.pause()
  await expect(worker[Symbol.asyncDispose]()).resolves.toBeUndefined()
  bench.redis.resume()
})
