import { type NewEvent, newId } from "@twolane/protocol"
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest"
import type { DirectTurn, DirectWish, DoorsOf, Store, WorkerHandle } from "../src/index.ts"
import {
  type Bench,
  cancelRequest,
  ended,
  eventsUntil,
  longerTiming,
  message,
  newTask,
  queued,
  redisKinds,
  repoOf,
  startBench,
  succeed,
  team,
  typesOf,
  until,
  untilAborted,
  untilEnded,
  workerOf,
} from "./open-for-test.ts"

const take = async (worker: WorkerHandle, wish: DirectWish): Promise<DirectTurn> => {
  const taken = await worker.claim(wish, null)
  if ("refused" in taken) throw new Error(`refused: ${taken.refused}`)
  return taken
}

/** A repo that any host can serve, and no task yet. */
const anyTask: DoorsOf = { team, repo: "shop", state: null }

const tooLarge = (turn: string): NewEvent => ({
  type: "checkpoint.saved",
  files: [],
  diff: "",
  checkpoint: "c".repeat(40),
  portable: false,
  turn,
  at: Date.now(),
})

const fastTask = (): DirectWish => ({ ...newTask({ lane: "fast" }), last: null })

describe.each(redisKinds)("on $name", ({ cluster }) => {
  let bench: Bench
  let gateway: Store
  let upkeep: AsyncDisposable
  const startFast = async (capacity = 2, run = succeed) => {
    const store = await bench.open({ timing: longerTiming })
    return store.startWorker(workerOf(run, { lane: "fast", capacity, ways: { socket: "/run/f.sock" } }))
  }
  beforeAll(async () => {
    bench = await startBench({ cluster })
    gateway = await bench.open({ timing: longerTiming })
    upkeep = gateway.startUpkeep()
  })
  afterAll(async () => {
    await upkeep[Symbol.asyncDispose]()
    await bench[Symbol.asyncDispose]()
  })
  afterEach(() => bench.expectNoErrors())

  test("a new task is created and claimed in one write, and what the work writes waits for it", async () => {
    await using worker = await startFast()
    const task = fastTask()
    const turn = await take(worker, task)
    expect(turn.attempt.state()).toMatchObject({ attempt: 1, attemptOpen: true })
    await turn.run(async attempt => {
      await attempt.write([message(attempt.turn, "hello")])
      await succeed(attempt)
    })
    expect(await turn.claimed).toBeNull()
    const log = await gateway.events(task, "0-0", 10)
    expect(log.map(({ id, type }) => `${id} ${type}`)).toEqual([
      "0-1 task.created",
      "0-2 turn.queued",
      "1-1 turn.started",
      "1-2 message.done",
      "1-3 turn.ended",
    ])
    expect(log.slice(0, 3)).toEqual(turn.events)
    expect(await gateway.queue("default", "fast")).toMatchObject({ waiting: 0, running: 0 })
    expect((await gateway.list("default", { lane: "fast" }, { limit: 10 })).items[0]?.id).toBe(task.task)
  })

  test("followers see the claim's events in their order", async () => {
    await using worker = await startFast()
    const task = fastTask()
    const following = untilEnded(gateway, task)
    const turn = await take(worker, task)
    await turn.run(succeed)
    expect(typesOf(await following)).toEqual(["task.created", "turn.queued", "turn.started", "turn.ended"])
  })

  test("a further turn is taken on top of what it was decided on, and refused on anything else", async () => {
    await using worker = await startFast()
    const task = fastTask()
    await (await take(worker, task)).run(succeed)
    const turn = newId("turn")
    const next = { team: task.team, task: task.task, turn, events: [queued(turn, { lane: "fast" })] }
    expect(await worker.claim({ ...next, last: "1-1" }, null)).toEqual({ refused: "moved" })
    expect(await worker.claim({ ...next, task: newId("task"), last: "1-2" }, null)).toEqual({
      refused: "absent",
    })
    const taken = await take(worker, { ...next, last: "1-2" })
    await taken.run(succeed)
    const state = await gateway.read(task)
    expect(state).toMatchObject({ attempt: 2, lastEventId: "2-2" })
    expect(state?.turns.map(({ status }) => status)).toEqual(["succeeded", "succeeded"])
    expect((await gateway.events(task, "1-2", 10)).map(({ id }) => id)).toEqual(["1-3", "2-1", "2-2"])
  })

  test("the same task is taken once, whoever comes second", async () => {
    await using worker = await startFast(4)
    const task = fastTask()
    const [first, second] = [await take(worker, task), await take(worker, task)]
    const firstWon = (await first.claimed) === null
    expect(firstWon ? await second.claimed : await first.claimed).toBe("exists")
    const [winner, loser] = firstWon ? [first, second] : [second, first]
    expect(loser.attempt.signal.reason).toEqual({ by: "superseded" })
    await loser.run(untilAborted)
    await winner.run(succeed)
    expect((await gateway.read(task))?.turns[0]?.status).toBe("succeeded")
  })

  test("a worker without a free slot refuses, and nothing is written", async () => {
    await using worker = await startFast(1)
    const first = await take(worker, fastTask())
    const over = fastTask()
    expect(await worker.claim(over, null)).toEqual({ refused: "full" })
    expect(await gateway.read(over)).toBeNull()
    await first.run(succeed)
    await (await take(worker, over)).run(succeed)
  })

  test("a cancel reaches a turn that was taken directly", async () => {
    await using worker = await startFast()
    const task = fastTask()
    const turn = await take(worker, task)
    const running = turn.run(async attempt => {
      await untilAborted(attempt)
      await attempt.write([ended(attempt.turn, { status: "canceled", by: { key: "k", name: "n" } })])
    })
    expect(await turn.claimed).toBeNull()
    await gateway.change({ ...task, decide: () => [cancelRequest(task.turn)] })
    await running
    expect(turn.attempt.signal.reason).toMatchObject({ by: "user", scope: "task" })
  })

  test("a turn whose worker went away is run again by another worker of its lane", async () => {
    const store = await bench.open()
    const gone = await store.startWorker(workerOf(untilAborted, { lane: "fast" }))
    const task = fastTask()
    const turn = await take(gone, task)
    expect(await turn.claimed).toBeNull()
    // It never runs: nothing beats for it, as if the process had died between.
    await gone[Symbol.asyncDispose]()
    const lost = eventsUntil(gateway, task, event => event.type === "turn.ended")
    await using _other = await startFast()
    expect(typesOf(await lost)).toEqual([
      "task.created",
      "turn.queued",
      "turn.started",
      "attempt.lost",
      "turn.started",
      "turn.ended",
    ])
  })

  test("what comes back to the lane does not wait for turns of its own repo", async () => {
    const finish = Promise.withResolvers<void>()
    await using worker = await startFast(4)
    const first = [await take(worker, fastTask()), await take(worker, fastTask())]
    const running = first.map(turn =>
      turn.run(async attempt => {
        await finish.promise
        await succeed(attempt)
      }),
    )
    const back = newTask({ lane: "fast" })
    await gateway.create(back)
    expect((await untilEnded(gateway, back)).at(-1)?.type).toBe("turn.ended")
    finish.resolve()
    await Promise.all(running)
  })

  test("gateways find the workers' doors; everybody else sees workers without them", async () => {
    const store = await bench.open()
    const keeps: string[] = []
    const ways = { socket: "/run/door.sock", tcp: { host: "10.0.0.7", port: 4201 } }
    await using worker = await store.startWorker(
      workerOf(succeed, { lane: "fast", ways, keeps: () => keeps }),
    )
    keeps.push("task_warm")
    await worker.announce()
    const { doors, paused } = await gateway.doors("fast", anyTask)
    expect(paused).toBe(null)
    expect(doors.find(door => door.ways.socket === "/run/door.sock")).toMatchObject({
      ways,
      capacity: 2,
      busy: 0,
      keeps: ["task_warm"],
    })
    expect(JSON.stringify(await gateway.workers())).not.toMatch(/door\.sock|10\.0\.0\.7|task_warm/)
    const task = newTask({ lane: "fast" })
    await gateway.create(task)
    const reading = gateway.readForTurn("fast", task)
    expect([(await reading.task)?.id, await reading.doors]).toEqual([task.task, { doors, paused }])
    expect(await gateway.readForTurn("fast", { ...task, task: newId("task") }).task).toBeNull()
    await gateway.pause("fast", true)
    expect((await gateway.doors("fast", anyTask)).paused).toBe("lane")
    expect((await gateway.readForTurn("fast", task).doors).paused).toBe("lane")
    await gateway.pause("fast", false)
  })

  test("a repo whose source is a path, and a checkpoint that cannot travel, have doors on their own host alone", async () => {
    const [here, there] = [await bench.open(), await bench.open()]
    const onHost = (host: string) =>
      workerOf(succeed, { lane: "fast", host, ways: { socket: `/run/${host}` } })
    await using _one = await here.startWorker(onHost("one"))
    await using two = await there.startWorker(onHost("two"))
    const hostsFor = async (of: DoorsOf) =>
      (await gateway.doors("fast", of)).doors
        .map(({ host }) => host)
        .filter(host => host !== "here")
        .toSorted()
    expect(await hostsFor(anyTask)).toEqual(["one", "two"])
    await gateway.createRepo({ ...repoOf("pathed"), source: "/srv/pathed", host: "one" })
    expect(await hostsFor({ ...anyTask, repo: "pathed" })).toEqual(["one"])

    const task = fastTask()
    const turn = await take(two, task)
    await turn.run(async attempt => {
      await attempt.write([tooLarge(attempt.turn)])
      await succeed(attempt)
    })
    const state = await gateway.read(task)
    expect(await hostsFor({ ...anyTask, state })).toEqual(["two"])
  })
})

test.each([
  { what: "is taken back: its caller was told that nothing was done", goesOn: false, ends: "failed" },
  { what: "goes on where its caller repeats the request by its key", goesOn: true, ends: "succeeded" },
])("a claim whose answer was lost $what", async ({ goesOn, ends }) => {
  await using bench = await startBench()
  const store = await bench.open()
  const gateway = await bench.open()
  await using _upkeep = gateway.startUpkeep()
  await using worker = await store.startWorker(workerOf(succeed, { lane: "fast" }))
  bench.redis.pause()
  const task = fastTask()
  const turn = await take(worker, { ...task, goesOn })
  const running = turn.run(untilAborted)
  expect(await turn.claimed).toBe("unavailable")
  bench.redis.resume()
  await running
  // Redis did what it had been sent before it stood still.
  await until(async () => (await gateway.read(task))?.turns[0]?.status === ends)
})
