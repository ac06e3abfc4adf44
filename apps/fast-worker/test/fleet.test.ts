import { request } from "node:https"
import { dirname } from "node:path"
import { fleetTls } from "@twolane/common"
import type { WorkerView } from "@twolane/protocol"
import {
  call,
  freePort,
  getTask,
  type House,
  hasOpenssl,
  makeLibrary,
  makeTempFolder,
  type Part,
  playing,
  register,
  type Scene,
  say,
  startHouse,
  startHttpsRemote,
  startModel,
  sumPatch,
  untilTask,
} from "@twolane/testkit"
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest"
import { ask, followUp, isType, only, taskOf } from "./lane.ts"

const mend: Scene = () => call(["apply_patch", sumPatch("a - b", "a + b")])
const again: Scene = () => call(["apply_patch", sumPatch("a + b", "b + a")])
const talk: Scene = () => ({ ...say("word ".repeat(4_000)), tokensPerSecond: 300 })

describe.skipIf(!hasOpenssl())("on machines of other names", () => {
  let stack: AsyncDisposableStack
  let house: House

  /** A house whose fast workers, if any, are on machines of other names; its repo is one that any machine can fetch. */
  beforeAll(async () => {
    stack = new AsyncDisposableStack()
    const library = stack.use(await makeLibrary())
    const bare = await library.cloneBare("sums.git")
    const remote = stack.use(await startHttpsRemote(dirname(bare), null))
    const model = stack.use(await startModel({ script: playing({ mend, again, talk }) }))
    const env = { TWOLANE_READY_LANES: "", GIT_SSL_CAINFO: remote.ca }
    house = stack.use(await startHouse({ modelUrl: model.url, deepWorkers: 0, fastWorkers: 0, env }))
    const answer = await house.call("POST", "/v1/repos", {
      name: "sums",
      source: `${remote.origin}/sums.git`,
    })
    if (answer.status !== 201) throw new Error(answer.text)
  })
  afterAll(() => stack.disposeAsync())
  afterEach(async () => {
    for (const worker of house.fastWorkers.splice(0)) {
      worker.kill("SIGTERM")
      await worker.ended
    }
  })

  const workersOf = async (): Promise<WorkerView[]> =>
    ((await house.call("GET", "/v1/workers")).body as { items: WorkerView[] }).items

  const untilThere = async (worker: Part): Promise<void> => {
    while (!(await workersOf()).some(({ pid }) => pid === worker.pid))
      expect(worker.output()).not.toMatch(/TWOLANE/)
  }

  /** A fast worker of another machine, once it takes turns. */
  const startOn = async (
    host: string,
    env: Record<string, string> = {},
  ): Promise<Part & { port: number }> => {
    const port = await freePort()
    const folder = stack.use(await makeTempFolder("twl-host-"))
    const own = {
      TWOLANE_DATA_DIR: folder.path,
      TWOLANE_FLEET_HOST: "127.0.0.1",
      TWOLANE_FLEET_PORT: `${port}`,
    }
    const worker = house.addFastWorker({ ...own, ...env }, host)
    await untilThere(worker)
    return { ...worker, port }
  }

  const workerOf = (messages: Awaited<ReturnType<Awaited<ReturnType<typeof ask>>["rest"]>>): string =>
    only(messages, "turn.started")[0]?.worker ?? expect.fail("it was not started")

  test("a task's turns go to the machine that holds its workspace, and on from the checkpoint when that one is gone", async () => {
    const [one, two] = [await startOn("fast-one"), await startOn("fast-two")]
    await using first = await ask(house, "[mend] sum adds wrongly")
    const before = await first.rest()
    expect(only(before, "turn.ended")).toMatchObject([{ outcome: { status: "succeeded" } }])
    const task = taskOf(before)
    await using second = await followUp(house, task, { prompt: "[mend] once more" })
    const warm = await second.rest()
    expect(workerOf(warm)).toBe(workerOf(before))

    const holder = (await workersOf()).find(({ id }) => id === workerOf(before))
    expect(["fast-one", "fast-two"]).toContain(holder?.host)
    const [held, other] = holder?.pid === one.pid ? [one, two] : [two, one]
    held.kill("SIGKILL")
    await held.ended
    await using third = await followUp(house, task, { prompt: "[again] the other way round" })
    const elsewhere = await third.rest()
    expect(only(elsewhere, "turn.ended")).toMatchObject([{ outcome: { status: "succeeded" } }])
    expect((await workersOf()).find(({ pid }) => pid === other.pid)?.id).toBe(workerOf(elsewhere))
    const diff = await house.call("GET", `/v1/tasks/${task}/diff`, undefined, { accept: "text/x-diff" })
    expect(diff.text).toContain("-export const sum = (a, b) => a - b\n+export const sum = (a, b) => b + a\n")
  })

  test("several workers fill up one after another; then the lane is full, and says when to come back", async () => {
    const workers = [
      await startOn("fast-one", { TWOLANE_FAST_CONCURRENCY: "1" }),
      await startOn("fast-two", { TWOLANE_FAST_CONCURRENCY: "1" }),
    ]
    const streams = [await ask(house, "[talk] one"), await ask(house, "[talk] two")]
    const started = []
    for (const stream of streams) started.push(await stream.until(isType("turn.started")))
    expect(new Set(started.map(workerOf)).size).toBe(workers.length)
    await using third = await ask(house, "[talk] three")
    expect(third.status).toBe(429)
    expect(third.headers.get("retry-after")).toMatch(/^\d+$/)
    for (const stream of streams) stream.leave()
    for (const messages of started)
      await untilTask(house, taskOf(messages), ({ status }) => status === "canceled")
  })

  test("a repo whose source is a path on the gateway's machine goes to no other one", async () => {
    await register(house, "local", stack.use(await makeLibrary()))
    await startOn("fast-one")
    await using refused = await ask(house, "[mend] sum adds wrongly", { repo: "local" })
    expect(refused.status).toBe(503)
    await untilThere(house.addFastWorker())
    await using taken = await ask(house, "[mend] sum adds wrongly", { repo: "local" })
    const messages = await taken.rest()
    expect(only(messages, "turn.ended")).toMatchObject([{ outcome: { status: "succeeded" } }])
    expect((await getTask(house, taskOf(messages))).lane).toBe("fast")
  })

  test("who has not the fleet's key is turned away before anything is read", async () => {
    const { port } = await startOn("fast-one")
    const { identity, ciphers } = fleetTls("")
    const knock = (key: Buffer) =>
      new Promise<string>(resolve => {
        const psk = { ciphers, maxVersion: "TLSv1.2" as const, pskCallback: () => ({ psk: key, identity }) }
        const options = {
          host: "127.0.0.1",
          port,
          method: "POST",
          path: "/turns",
          checkServerIdentity: () => undefined,
        }
        const sent = request({ ...options, ...psk, agent: false }, answer =>
          resolve(`${answer.resume().statusCode}`),
        )
        sent.on("error", error => resolve("code" in error ? String(error.code) : error.message))
        sent.end("{}")
      })
    expect(await knock(fleetTls(Buffer.alloc(32, 1).toString("base64url")).key)).toBe("EPROTO")
    // The house's own key: only what it says is refused.
    expect(await knock(fleetTls(Buffer.alloc(32, 7).toString("base64url")).key)).toBe("400")
    await expect(fetch(`http://127.0.0.1:${port}/turns`, { method: "POST", body: "{}" })).rejects.toThrow(
      "fetch failed",
    )
  })

  test("a machine that does not answer any more is found out, and another one takes the turn", async () => {
    const gone = await startOn("fast-one")
    const first = await ask(house, "[mend] sum adds wrongly")
    expect(first.status).toBe(200)
    const task = taskOf(await first.rest())
    gone.kill("SIGSTOP")
    await startOn("fast-two")
    await using stream = await followUp(house, task, { prompt: "[again] the other way round" })
    const messages = await stream.rest()
    gone.kill("SIGCONT")
    expect(only(messages, "turn.ended")).toMatchObject([{ outcome: { status: "succeeded" } }])
  })
})
