import { randomBytes } from "node:crypto"
import { startCluster, startSentinel } from "@twolane/testkit"
import { Redis } from "ioredis"
import { expect, test } from "vitest"
import { openStore, type Store } from "../src/index.ts"
import {
  cancelRequest,
  eventsUntil,
  longerTiming,
  message,
  newTask,
  succeed,
  typesOf,
  untilAborted,
  untilEnded,
  workerOf,
} from "./open-for-test.ts"

const secretKey = randomBytes(32).toString("base64url")

const openOn = (url: string, errors: unknown[]): Promise<Store> =>
  openStore({ url, secretKey, onError: error => void errors.push(error), timing: longerTiming })

/** What every shape of Redis must carry: tasks go in, are claimed, tell, are canceled, end. */
const play = async (gateway: Store, prompts: number): Promise<void> => {
  const tasks = Array.from({ length: prompts }, (_one, index) => newTask({ repo: `repo-${index}` }))
  for (const task of tasks) await gateway.create(task)
  for (const task of tasks)
    expect(typesOf(await untilEnded(gateway, task))).toEqual([
      "task.created",
      "turn.queued",
      "turn.started",
      "message.done",
      "turn.ended",
    ])
  const long = newTask({ prompt: "long" })
  await gateway.create(long)
  await eventsUntil(gateway, long, ({ type }) => type === "message.done")
  await gateway.change({ ...long, decide: () => [cancelRequest(long.turn)] })
  expect(typesOf(await untilEnded(gateway, long)).slice(-2)).toEqual(["cancel.requested", "turn.ended"])
}

const worker = workerOf(
  async attempt => {
    await attempt.write([message(attempt.turn, "at work")])
    if (attempt.state().title === "long") await untilAborted(attempt)
    await succeed(attempt)
  },
  { capacity: 8 },
)

test("a cluster of three primaries carries tasks, whose keys lie on all of them", async () => {
  await using cluster = await startCluster()
  const errors: unknown[] = []
  await using gateway = await openOn(cluster.url, errors)
  expect(await gateway.check()).toMatchObject({ refusals: [] })
  await using _upkeep = gateway.startUpkeep()
  await using other = await openOn(cluster.url, errors)
  await using _worker = await other.startWorker(worker)
  await play(gateway, 12)
  for (const port of cluster.ports) {
    const node = new Redis(port, "127.0.0.1")
    const keys = await node.keys("tl:{default/*")
    node.disconnect()
    expect(keys.length).toBeGreaterThan(0)
  }
  expect(errors).toEqual([])
})

test("where sentinels name another primary, what was stored is there, and tasks go on", async () => {
  await using watched = await startSentinel()
  const errors: unknown[] = []
  await using gateway = await openOn(watched.url, errors)
  expect(await gateway.check()).toMatchObject({ refusals: [] })
  await using _upkeep = gateway.startUpkeep()
  await using _worker = await gateway.startWorker(worker)
  await play(gateway, 2)
  const before = newTask({ notBefore: Date.now() + 3_600_000 })
  await gateway.create(before)
  await watched.failOver()
  const until = performance.now() + 30_000
  while (
    !(await gateway.ping().then(
      () => true,
      () => performance.now() > until,
    ))
  );
  expect(await gateway.read(before)).toMatchObject({ id: before.task })
  await play(gateway, 2)
})
