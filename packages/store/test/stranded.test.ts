import { setTimeout as sleep } from "node:timers/promises"
import { type Cable, openCable } from "@twolane/testkit"
import { afterEach, beforeEach, expect, test } from "vitest"
import type { Store } from "../src/index.ts"
import { type Bench, newTask, startBench, succeed, untilEnded, workerOf } from "./open-for-test.ts"

let bench: Bench
let cable: Cable
let here: Store
let there: Store
beforeEach(async () => {
  bench = await startBench()
  cable = await openCable({ path: bench.redis.socketPath ?? "" })
  here = await bench.open()
  there = await bench.open({ url: `redis://127.0.0.1:${cable.port}` })
})
afterEach(async () => {
  await bench[Symbol.asyncDispose]()
  await cable[Symbol.asyncDispose]()
})

// As a firewall does that lost its table: what is open is silent for good, and whoever connects anew gets through.
test("who has only silent connections to Redis opens new ones, and takes and follows tasks again", async () => {
  await using _upkeep = here.startUpkeep()
  await using _worker = await there.startWorker(workerOf(succeed))
  const first = newTask()
  await here.create(first)
  await untilEnded(there, first)
  cable.strand()
  const second = newTask()
  await here.create(second)
  await untilEnded(here, second)
  await expect
    .poll(() =>
      there.ping().then(
        () => true,
        () => false,
      ),
    )
    .toBe(true)
  await untilEnded(there, second)
})

test("who only listens finds out that nothing can reach it any more, and hears live text again", async () => {
  await using _upkeep = here.startUpkeep()
  await using _worker = await here.startWorker(
    workerOf(async attempt => {
      while (!attempt.signal.aborted) {
        attempt.delta({ type: "message.delta", text: "still here" })
        await sleep(20)
      }
    }),
  )
  const task = newTask()
  await here.create(task)
  const stop = new AbortController()
  let deltas = 0
  const following = (async () => {
    for await (const { type } of there.follow(task, "0-0", stop.signal))
      if (type === "message.delta") deltas += 1
  })()
  await expect.poll(() => deltas).toBeGreaterThan(0)
  cable.strand()
  // What had come through before it was read may still be on its way.
  await sleep(200)
  const before = deltas
  await expect.poll(() => deltas, { timeout: 90_000 }).toBeGreaterThan(before)
  stop.abort()
  await following
})
