import type { TaskEvent } from "@twolane/protocol"
import {
  call,
  callsOf,
  follow,
  gapsIn,
  getTask,
  type House,
  keepersOf,
  type ModelServer,
  makeLibrary,
  only,
  playing,
  register,
  say,
  startHouse,
  startModel,
  submit,
  sumPatch,
  type TempRepo,
  typesOf,
} from "@twolane/testkit"
import { afterEach, beforeEach, expect, test } from "vitest"

let stack: AsyncDisposableStack
let house: House
let model: ModelServer
let hold: PromiseWithResolvers<void>
let library: TempRepo

beforeEach(async () => {
  stack = new AsyncDisposableStack()
  hold = Promise.withResolvers()
  library = stack.use(await makeLibrary())
  model = stack.use(
    await startModel({
      script: playing({
        "in two": async seen => {
          if (callsOf(seen, "apply_patch") === 0) return call(["apply_patch", sumPatch("a - b", "a + b")])
          if (callsOf(seen, "shell") === 0) return call(["shell", { command: "touch lost.txt; sleep 60" }])
          await hold.promise
          return say("Done.")
        },
        short: async seen => {
          if (callsOf(seen, "apply_patch") === 0) return call(["apply_patch", sumPatch("a - b", "a + b")])
          await hold.promise
          return say("Done.")
        },
      }),
    }),
  )
  house = stack.use(await startHouse({ modelUrl: model.url }))
  await register(house, "sums", library)
})
afterEach(() => stack.disposeAsync())

test("a killed worker's task is finished by another machine's, from the last checkpoint, without running a command twice", async () => {
  const task = await submit(house, { repo: "sums", prompt: "[in two] mend it" })
  await follow(house, task.id, event => event.type === "tool.started" && event.tool === "shell")
  hold.resolve()
  house.workers[0]?.kill("SIGKILL")
  house.addWorker({ TWOLANE_DATA_DIR: `${house.dataDir}/elsewhere` })
  const events = await follow(house, task.id)
  expect(gapsIn(events)).toEqual([])
  const [lost] = only(events, "attempt.lost")
  expect(lost).toMatchObject({ lost: 1, attempt: 2 })
  const started = only(events, "tool.started").filter(({ tool }) => tool === "shell")
  expect(started).toHaveLength(1)
  const unknown = only(events, "tool.ended").find(({ tool }) => tool === "shell")
  expect(unknown).toMatchObject({ ok: false, output: expect.stringContaining("unknown") })
  const ended = await getTask(house, task.id)
  expect(ended).toMatchObject({ status: "succeeded", change: { files: 1 }, turns: [{ attempts: 2 }] })
})

test("a base that its source has no more is told as that where another machine needs it, and waits for it to come back", async () => {
  const task = await submit(house, { repo: "sums", prompt: "[in two] mend it" })
  await follow(house, task.id, event => event.type === "tool.started" && event.tool === "shell")
  hold.resolve()
  const base = await library.sha()
  await library.git("checkout", "--quiet", "--orphan", "anew")
  await library.commit({ "new.txt": "another history\n" })
  await library.git("branch", "--quiet", "--move", "--force", "anew", "main")
  await library.git("reflog", "expire", "--expire=now", "--all")
  await library.git("gc", "--quiet", "--prune=now")
  house.workers[0]?.kill("SIGKILL")
  house.addWorker({ TWOLANE_DATA_DIR: `${house.dataDir}/elsewhere` })
  const isRetry = (event: TaskEvent) => event.type === "turn.queued" && event.again?.why === "retry"
  const queued = only(await follow(house, task.id, isRetry), "turn.queued").at(-1)
  expect(queued?.reason).toContain(
    `workspace-failed: the source does not give the task's base ${base} any more`,
  )
  await house.call("POST", `/v1/tasks/${task.id}/cancel`, {})
  expect((await getTask(house, task.id)).status).toBe("canceled")
})

test("a worker that is told to stop saves the work and hands the turn on without spending a retry", async () => {
  const task = await submit(house, { repo: "sums", prompt: "[in two] mend it" })
  await follow(house, task.id, event => event.type === "tool.started" && event.tool === "shell")
  hold.resolve()
  house.workers[0]?.kill("SIGTERM")
  await house.workers[0]?.ended
  house.addWorker()
  const events = await follow(house, task.id)
  expect(gapsIn(events)).toEqual([])
  expect(only(events, "turn.queued").at(-1)).toMatchObject({ again: { why: "shutdown" } })
  expect(typesOf(events)).not.toContain("attempt.lost")
  expect(await getTask(house, task.id)).toMatchObject({ status: "succeeded" })
})

test("a worker with time to drain ends what it runs, and takes nothing new meanwhile", async () => {
  const [first] = house.workers
  first?.kill("SIGKILL")
  await first?.ended
  const worker = house.addWorker({ TWOLANE_DRAIN: "5m" })
  const task = await submit(house, { repo: "sums", prompt: "[short] mend it" })
  await follow(house, task.id, event => event.type === "patch.applied")
  worker.kill("SIGTERM")
  await holding("shutting down")
  const later = await submit(house, { repo: "sums", prompt: "[short] and again" })
  hold.resolve()
  const events = await follow(house, task.id)
  expect(only(events, "turn.queued")).toHaveLength(1)
  expect(await getTask(house, task.id)).toMatchObject({ status: "succeeded", turns: [{ attempts: 1 }] })
  await worker.ended
  expect(await getTask(house, later.id)).toMatchObject({ status: "queued", turns: [{ attempts: 0 }] })
})

/** Waits until a worker says why it takes nothing. */
const holding = async (reason: string): Promise<void> => {
  for (;;) {
    const { body } = await house.call("GET", "/v1/workers")
    if (JSON.stringify(body).includes(`"holding":"${reason}"`)) return
  }
}

test("a killed keeper costs one retry, and nothing of what was saved", async () => {
  const task = await submit(house, { repo: "sums", prompt: "[in two] mend it" })
  await follow(house, task.id, event => event.type === "tool.started" && event.tool === "shell")
  hold.resolve()
  const keepers = keepersOf(house.workers[0]?.pid ?? 0)
  // The workspace's own and the spare one of its tests.
  expect(keepers.length).toBeGreaterThan(0)
  for (const keeper of keepers) process.kill(keeper, "SIGKILL")
  const events = await follow(house, task.id)
  expect(gapsIn(events)).toEqual([])
  expect(only(events, "turn.queued").at(-1)).toMatchObject({
    again: { why: "retry", code: "workspace-failed", retry: 1 },
  })
  expect(await getTask(house, task.id)).toMatchObject({ status: "succeeded", change: { files: 1 } })
})

test("Redis killed and restarted in mid-task loses nothing", async () => {
  const task = await submit(house, { repo: "sums", prompt: "[in two] mend it" })
  await follow(house, task.id, event => event.type === "patch.applied")
  hold.resolve()
  await house.redis.kill9()
  await house.redis.restart()
  await expect.poll(async () => (await getTask(house, task.id).catch(() => null))?.status).toBe("running")
  await house.call("POST", `/v1/tasks/${task.id}/cancel`, {})
  const events = await follow(house, task.id)
  expect(gapsIn(events)).toEqual([])
  expect(only(events, "turn.ended")).toHaveLength(1)
})
