import type { TaskEvent } from "@twolane/protocol"
import {
  call,
  callsOf,
  follow,
  gapsIn,
  getTask,
  type House,
  makeLibrary,
  only,
  playing,
  register,
  say,
  startHouse,
  startModel,
  submit,
  sumPatch,
} from "@twolane/testkit"
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest"

/** How long Redis is away: longer than a worker may go without proving its lease, and as long as the lease. */
const awayMs = 10_000

let stack: AsyncDisposableStack
let house: House
let goOn: PromiseWithResolvers<void>

beforeEach(() => {
  goOn = Promise.withResolvers()
})
beforeAll(async () => {
  stack = new AsyncDisposableStack()
  const library = stack.use(await makeLibrary())
  const model = stack.use(
    await startModel({
      script: playing({
        idle: () => say("Nothing to do."),
        "in two": async seen => {
          if (callsOf(seen, "apply_patch") === 0) return call(["apply_patch", sumPatch("a - b", "a + b")])
          if (callsOf(seen, "shell") === 0)
            return call(["shell", { command: "echo ran >> ran.txt; sleep 30" }])
          await goOn.promise
          return callsOf(seen, "read_file") === 0 ? call(["read_file", { path: "src/sum.js" }]) : say("Done.")
        },
      }),
    }),
  )
  house = stack.use(await startHouse({ modelUrl: model.url }))
  await register(house, "sums", library)
})
afterAll(() => stack.disposeAsync())

/** Requests while Redis is away. What a frozen one had been sent already it may do later: a caller repeats with the same key. */
const asked: readonly [method: string, path: string, body?: unknown][] = [
  ["POST", "/v1/tasks", { repo: "sums", lane: "deep", prompt: "[idle] go" }],
  ["GET", "/v1/tasks"],
  ["GET", "/v1/queue"],
  ["GET", "/readyz"],
  ["GET", "/healthz"],
]

const askAll = () =>
  Promise.all(
    asked.map(async ([method, path, body]) => {
      const { status, body: said } = await house.call(method, path, body)
      return `${method} ${path} ${status} ${(said as { code?: string }).code ?? ""}`.trim()
    }),
  )

test.each([
  ["killed, and started again with its log", () => house.redis.kill9(), () => house.redis.restart()],
  ["frozen", async () => house.redis.pause(), async () => house.redis.resume()],
])(
  "Redis %s after 10 s in mid-task: the API answers 503 meanwhile, the task goes on, nothing runs twice",
  async (_, leave, comeBack) => {
    const task = await submit(house, { repo: "sums", prompt: "[in two] mend it" })
    const isShell = (event: TaskEvent) => event.type === "tool.started" && event.tool === "shell"
    await follow(house, task.id, isShell)
    const until = Date.now() + awayMs
    await leave()
    expect(await askAll()).toEqual([
      "POST /v1/tasks 503 store-unavailable",
      "GET /v1/tasks 503 store-unavailable",
      "GET /v1/queue 503 store-unavailable",
      "GET /readyz 503 store-unavailable",
      "GET /healthz 200",
    ])
    await new Promise(resolve => setTimeout(resolve, until - Date.now()))
    await comeBack()
    goOn.resolve()
    await expect.poll(async () => (await house.call("GET", `/v1/tasks/${task.id}`)).status).toBe(200)
    const events = await follow(house, task.id)
    expect(gapsIn(events)).toEqual([])
    expect(only(events, "tool.started").map(({ tool }) => tool)).toEqual([
      "apply_patch",
      "shell",
      "read_file",
    ])
    expect(only(events, "tool.ended").map(({ tool, ok }) => [tool, ok])).toEqual([
      ["apply_patch", true],
      ["shell", false],
      ["read_file", true],
    ])
    expect(only(events, "turn.ended")).toHaveLength(1)
    const ended = await getTask(house, task.id)
    expect(ended).toMatchObject({ status: "succeeded", change: { files: 1 }, tests: { status: "passed" } })
  },
)
