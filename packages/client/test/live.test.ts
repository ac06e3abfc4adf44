import type { Task, TaskDelta, TaskEvent } from "@twolane/protocol"
import {
  call,
  type House,
  makeRepo,
  readConversation,
  type Script,
  say,
  startHouse,
  startModel,
} from "@twolane/testkit"
import { afterAll, beforeAll, expect, test } from "vitest"
import { type Client, ClientProblem, createClient, type Live } from "../src/index.ts"
import { type Cut, openCut } from "./cut.ts"

const words = Array.from({ length: 60 }, (_, n) => `word ${n} `).join("")
const patch = (from: string, to: string) =>
  `*** Begin Patch\n*** Update File: sum.js\n@@\n-export const sum = (a, b) => ${from}\n+export const sum = (a, b) => ${to}\n*** End Patch`

/** The prompt says what the model does. */
const script: Script = request => {
  const seen = readConversation(request.items)
  const at = seen.findLastIndex(said => said.kind === "user" && /\[\w+\]/.test(said.text))
  const asked = seen[at]
  const prompt = asked?.kind === "user" ? asked.text : ""
  if (seen.slice(at).some(({ kind }) => kind === "call")) return say("Done.")
  if (prompt.includes("[slow]")) return { ...say(words), tokensPerSecond: 60 }
  if (prompt.includes("[mend]")) return call(["apply_patch", patch("a - b", "a + b")])
  if (prompt.includes("[turn]")) return call(["apply_patch", patch("a + b", "b + a")])
  return say("It adds.")
}

let stack: AsyncDisposableStack
let house: House
let cut: Cut
let client: Client
beforeAll(async () => {
  stack = new AsyncDisposableStack()
  const model = stack.use(await startModel({ script }))
  const repo = stack.use(await makeRepo({ files: { "sum.js": "export const sum = (a, b) => a - b\n" } }))
  house = stack.use(await startHouse({ modelUrl: model.url, deepWorkers: 0, fastWorkers: 1 }))
  cut = stack.use(await openCut(house.url))
  client = createClient({ baseUrl: cut.url, apiKey: house.apiKey, origin: "cli" })
  await client.registerRepo({ name: "sums", source: repo.path })
})
afterAll(() => stack.disposeAsync())

type Told = TaskEvent | TaskDelta
const opened = (): { live: Live; signal: AbortSignal } & Disposable => {
  const stop = new AbortController()
  const live = client.live({}, stop.signal)
  return { live, signal: stop.signal, [Symbol.dispose]: () => stop.abort() }
}
const ask = (prompt: string) => ({ repo: "sums", lane: "fast" as const, test: "none" as const, prompt })
const all = async (events: AsyncIterable<Told>, into: Told[] = []): Promise<Told[]> => {
  for await (const event of events) into.push(event)
  return into
}
const idsOf = (told: readonly Told[]) => told.flatMap(event => ("id" in event ? [event.id] : []))
const logOf = async (task: string) => (await client.events(task, { limit: 200 })).items
const taskOf = (told: readonly Told[]): string => told[0]?.task ?? expect.fail("nothing came")
const outcomeOf = (told: readonly Told[]) => {
  const end = told.at(-1)
  return end?.type === "turn.ended" ? end.outcome.status : expect.fail(JSON.stringify(end))
}
const ended = async (task: string): Promise<Task> => {
  for await (const _event of client.follow(task)) {
    // Only its end matters.
  }
  return client.task(task)
}

test("a fast turn comes over the socket as over HTTP: every event once, live text between, in order", async () => {
  using open = opened()
  const told = await all(open.live.streamTask(ask("[slow] explain"), {}, open.signal))
  expect(outcomeOf(told)).toBe("succeeded")
  const events = told.filter(event => "id" in event)
  expect(events).toEqual(await logOf(taskOf(told)))
  const text = told.flatMap(event => (event.type === "message.delta" ? [event.text] : [])).join("")
  expect(text).toBe(words)
  expect(told.findIndex(({ type }) => type === "message.delta")).toBeLessThan(
    told.findIndex(({ type }) => type === "message.done"),
  )
  expect(events[0]).toMatchObject({ type: "task.created", origin: "cli" })
})

test("the next turn of a task comes over the same socket, and over the log of who follows it, once each", async () => {
  using open = opened()
  const first = await all(open.live.streamTask(ask("[mend] it"), {}, open.signal))
  const task = taskOf(first)
  const following = new AbortController()
  const followed: Told[] = []
  const done = all(open.live.follow(task, {}, following.signal), followed)
  const second = await all(open.live.streamTurn(task, { prompt: "[turn] it" }, {}, open.signal))
  const log = await logOf(task)
  expect([...idsOf(first), ...idsOf(second)]).toEqual(log.map(({ id }) => id))
  expect(second.filter(({ type }) => type === "patch.applied")).toHaveLength(1)
  following.abort()
  await done
  expect(idsOf(followed)).toEqual(log.map(({ id }) => id))
})

test("several turns share a socket, and each is interrupted by itself", async () => {
  using open = opened()
  const before = cut.made()
  const interrupted = async (): Promise<Told[]> => {
    const told: Told[] = []
    let asked = false
    for await (const event of open.live.streamTask(ask("[slow] one"), {}, open.signal)) {
      told.push(event)
      if (event.type !== "message.delta" || asked) continue
      asked = true
      await open.live.interrupt(event.task, {}, open.signal)
    }
    return told
  }
  const [one, two] = await Promise.all([
    interrupted(),
    all(open.live.streamTask(ask("[slow] two"), {}, open.signal)),
  ])
  expect([outcomeOf(one), outcomeOf(two)]).toEqual(["canceled", "succeeded"])
  // Of the connections that fetch keeps, it may have taken one.
  expect(cut.made() - before).toBeLessThan(2)
})

test("a refusal is thrown with its problem document", async () => {
  using open = opened()
  const refused = all(open.live.streamTask({ ...ask("x"), repo: "nowhere" }, {}, open.signal))
  await expect(refused).rejects.toMatchObject({ code: "not-found", status: 404 })
  const unknown = `task_${"0".repeat(26)}`
  await expect(all(open.live.follow(unknown, {}, open.signal))).rejects.toMatchObject({ code: "not-found" })
  await expect(open.live.interrupt(unknown, {}, open.signal)).rejects.toBeInstanceOf(ClientProblem)
  const wrong = createClient({ baseUrl: cut.url, apiKey: "nobody" }).live({}, open.signal)
  await expect(wrong.interrupt(unknown, {}, open.signal)).rejects.toMatchObject({ code: "unauthorized" })
})

test("a connection that is cut in mid-turn is made again: no event is lost, none comes twice", async () => {
  using open = opened()
  const told: Told[] = []
  let cuts = 0
  for await (const event of open.live.streamTask(
    ask("[slow] on"),
    { onDisconnect: "continue" },
    open.signal,
  )) {
    told.push(event)
    if (event.type === "message.delta" && cuts === 0) {
      cuts += 1
      cut.cut()
    }
  }
  expect(outcomeOf(told)).toBe("succeeded")
  expect(idsOf(told)).toEqual((await logOf(taskOf(told))).map(({ id }) => id))
})

test("a connection that is cut interrupts the turn by default, and its reader hears so", async () => {
  using open = opened()
  const told: Told[] = []
  for await (const event of open.live.streamTask(ask("[slow] off"), {}, open.signal)) {
    if (event.type === "message.delta" && !told.some(({ type }) => type === "message.delta")) cut.cut()
    told.push(event)
  }
  expect(outcomeOf(told)).toBe("canceled")
  expect(idsOf(told)).toEqual((await logOf(taskOf(told))).map(({ id }) => id))
})

test("who leaves a turn interrupts it, and the socket goes on with others", async () => {
  using open = opened()
  let task = ""
  for await (const event of open.live.streamTask(ask("[slow] left"), {}, open.signal)) {
    task = event.task
    if (event.type === "message.delta") break
  }
  expect((await ended(task)).status).toBe("canceled")
  const next = await all(open.live.streamTask(ask("[quick]"), {}, open.signal))
  expect(outcomeOf(next)).toBe("succeeded")
})

test("closing the socket interrupts the turns that began on it, but those that are to go on", async () => {
  const begun = async (onDisconnect?: "continue"): Promise<string> => {
    using open = opened()
    for await (const event of open.live.streamTask(
      ask("[slow] closing"),
      onDisconnect === undefined ? {} : { onDisconnect },
      open.signal,
    ))
      if (event.type === "message.delta") return event.task
    return expect.fail("no text came")
  }
  const statuses = async (...tasks: string[]) =>
    Promise.all(tasks.map(async task => (await ended(task)).status))
  expect(await statuses(await begun(), await begun("continue"))).toEqual(["canceled", "succeeded"])
})

test("a steer and a cancel reach the turn", async () => {
  using open = opened()
  const told: Told[] = []
  const steers: string[] = []
  for await (const event of open.live.streamTask(ask("[slow] steered"), {}, open.signal)) {
    told.push(event)
    if (event.type === "turn.started") {
      const note = { prompt: "in French", turn: event.turn ?? "" }
      steers.push((await open.live.steer(event.task, note, {}, open.signal)).steer)
    }
    if (event.type === "steer.accepted") await open.live.cancel(event.task, "enough", {}, open.signal)
  }
  expect(outcomeOf(told)).toBe("canceled")
  expect(
    told.flatMap(event =>
      event.type === "steer.applied" || event.type === "steer.rejected" ? [event.steer] : [],
    ),
  ).toEqual(steers)
})

test("a worker that is killed in mid-turn does not end the stream: the turn goes on at another", async () => {
  using open = opened()
  const told: Told[] = []
  house.addFastWorker()
  const [worker] = house.fastWorkers
  let killed = false
  for await (const event of open.live.streamTask(ask("[slow] killed"), {}, open.signal)) {
    told.push(event)
    if (event.type !== "message.delta" || killed) continue
    killed = true
    worker?.kill("SIGKILL")
  }
  expect(outcomeOf(told)).toBe("succeeded")
  expect(told.map(({ type }) => type)).toContain("attempt.lost")
  expect(idsOf(told)).toEqual((await logOf(taskOf(told))).map(({ id }) => id))
})
