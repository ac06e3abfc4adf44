import type { WorkerView } from "@twolane/protocol"
import { hasOpenssl, only, type Part, whyNoHosts } from "@twolane/testkit"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { type Caller, makeCaller } from "../chaos/caller.ts"
import { check } from "../chaos/check.ts"
import { checkLeft } from "../chaos/check-left.ts"
import { type JailWatch, watchJails } from "../chaos/jails.ts"
import { watchToTheEnd } from "../chaos/person.ts"
import { owner } from "../chaos/remote.ts"
import { makeRandom } from "../simulation/random.ts"
import { type Fleet, type Site, startFleet } from "./fleet.ts"
import { listenForWrites } from "./late-writes.ts"
import { type Asked, askFor, untilSeen, workersOf } from "./tasks.ts"

const why = whyNoHosts() ?? (hasOpenssl() ? null : "there is no openssl")

describe.skipIf(why !== null)(`on three hosts${why === null ? "" : ` (skipped: ${why})`}`, () => {
  let stack: AsyncDisposableStack
  let fleet: Fleet
  let jails: JailWatch
  let parts: Record<"bGateway" | "cGateway" | "bDeep" | "cDeep" | "bFast", Part>
  let workers: WorkerView[]
  let asked: Record<"stays" | "canceled" | "elsewhere", Asked>
  let ends: Asked
  const all: Asked[] = []
  /** Where whoever watches goes next. */
  const watched: string[] = []
  let watcher: Caller

  const through = (urls: readonly string[]): Caller =>
    makeCaller(
      { gateways: urls, apiKey: fleet.apiKey },
      makeRandom(performance.now()),
      AbortSignal.timeout(280_000),
    )
  const ask = async (...args: Parameters<typeof askFor>): Promise<Asked> => {
    const one = await askFor(...args)
    all.push(one)
    return one
  }
  const hostOf = ({ worker }: { worker: string }) => workers.find(({ id }) => id === worker)?.host
  /** A host's deep worker takes nothing new, or takes tasks again. */
  const leave = async (what: "drain" | "resume", { host }: Site): Promise<void> => {
    const worker = workers.find(one => one.host === host.name && one.lane === "deep")
    const { status } = await watcher.ask("POST", `/v1/workers/${worker?.id}/${what}`, {})
    expect(status).toBe(200)
  }
  /** It asks again until a gateway is ready. */
  const untilReady = ({ url }: Site) => through([url]).ask("GET", "/readyz")

  beforeAll(async () => {
    stack = new AsyncDisposableStack()
    fleet = stack.use(await startFleet(["one", "two", "three"]))
    jails = stack.use(watchJails())
    const { b, c, remote } = fleet
    const fastAt = { TWOLANE_FLEET_HOST: b.host.address, TWOLANE_FLEET_ADDRESS: b.host.address }
    watched.push(b.url)
    watcher = through(watched)
    const [bGateway, cGateway] = [b.start("gateway"), c.start("gateway")]
    const cDeep = c.start("deep-worker", { TWOLANE_DEEP_CONCURRENCY: "3" })
    await Promise.all([untilReady(b), untilReady(c)])
    for (const name of remote.repos) {
      const source = `https://${fleet.hosts.a.address}:${new URL(remote.server.origin).port}/${owner}/${name}.git`
      const { status } = await watcher.ask("POST", "/v1/repos", { name, source })
      if (status !== 201) throw new Error(`${source} was answered ${status}`)
    }
    parts = {
      bGateway,
      cGateway,
      cDeep,
      bDeep: b.start("deep-worker"),
      bFast: b.start("fast-worker", fastAt),
    }
  })
  afterAll(() => stack.disposeAsync())

  test("each host's worker runs tasks, and a fast turn goes from one host's gateway to the other's worker", async () => {
    const { b, c } = fleet
    await expect.poll(async () => (await workersOf(watcher)).length).toBe(3)
    workers = await workersOf(watcher)
    await leave("drain", b)
    const stays = await ask(watcher, "one", ["patch", "stay"])
    const canceled = await ask(watcher, "one", ["patch", "stay"], { does: "cancel" })
    for (const one of [stays, canceled])
      expect(hostOf(await untilSeen(one, "turn.started"))).toBe(c.host.name)
    await leave("resume", b)
    await leave("drain", c)
    const elsewhere = await ask(watcher, "three", [
      "patch",
      ...Array.from({ length: 8 }, () => "slow" as const),
    ])
    expect(hostOf(await untilSeen(elsewhere, "turn.started"))).toBe(b.host.name)
    const across = await ask(through([c.url]), "three", ["patch"], { lane: "fast" })
    expect(await across.ended).toMatchObject({ status: "succeeded" })
    expect(hostOf(await untilSeen(across, "turn.started"))).toBe(b.host.name)
    asked = { stays, canceled, elsewhere }
  })

  test("a host that is cut off ends its jails before their leases are over; another one takes up its tasks and ends them", async () => {
    const { b, c } = fleet
    const { stays, canceled, elsewhere } = asked
    const jailsOf = (...some: Asked[]) =>
      some.flatMap(({ story }) => [...(jails.now().get(`${story.errand.task}`) ?? [])])
    await leave("resume", c)
    await leave("drain", b)
    ends = await ask(watcher, "two", ["patch", "slow", "slow", "slow", "run"], { does: "push" })
    await expect.poll(() => jailsOf(stays, canceled, ends).length).toBe(3)
    const before = new Set(jailsOf(stays, canceled, ends))
    // The one task's command ends while nobody can be told of it; those of the others would go on.
    c.host.unplug()
    const cutAt = performance.now()
    await leave("resume", b)
    const cancel = await watcher.ask("POST", `/v1/tasks/${canceled.task}/cancel`, {})
    canceled.story.answers.push({ what: "cancel", said: cancel, turn: null })
    expect(cancel.status).toBe(202)
    await expect.poll(() => jailsOf(stays, canceled, ends).filter(jail => before.has(jail))).toEqual([])
    const [quietAt, quietMs] = [Date.now(), performance.now() - cutAt]
    expect(await canceled.ended).toMatchObject({ status: "canceled" })
    expect(only(canceled.story.seen, "cancel.confirmed")).toMatchObject([{ proof: "lease" }])
    for (const one of [stays, ends]) {
      expect(await one.ended).toMatchObject({ status: "succeeded", turns: [{ attempts: 2 }] })
      const again = await untilSeen(one, "turn.started", ({ attempt }) => attempt === 2)
      expect(hostOf(again)).toBe(b.host.name)
      expect(quietAt).toBeLessThan(again.at)
    }
    expect(await elsewhere.ended).toMatchObject({ status: "succeeded" })
    console.log(
      `quiet after ${Math.round(quietMs)} ms, all ended after ${Math.round(performance.now() - cutAt)} ms`,
    )
  })

  test("back on the line it heals by itself: what it still says is refused, its gateway answers, and its worker takes tasks", async () => {
    const { b, c, redis, password } = fleet
    const socket = { path: redis.socketPath ?? "", password }
    using late = await listenForWrites(socket, c.host.address)
    const { stays } = asked
    const logs = () =>
      Promise.all([stays, ends].map(({ task }) => watcher.ask("GET", `/v1/tasks/${task}/events?limit=200`)))
    const before = await logs()
    c.host.plug()
    const backAt = performance.now()
    await untilReady(c)
    const answeredMs = performance.now() - backAt
    // The system still sends what was written while nobody got it.
    await expect.poll(() => late.about(stays.task), { timeout: 90_000 }).toBeGreaterThan(0)
    await expect.poll(() => late.about(ends.task), { timeout: 90_000 }).toBeGreaterThan(0)
    expect(await logs()).toEqual(before)
    await leave("drain", b)
    const next = await ask(watcher, "two", ["patch", "slow", "slow", "run"])
    expect(hostOf(await untilSeen(next, "turn.started"))).toBe(c.host.name)
    await untilSeen(next, "tool.started")
    // The one gateway's streams break, and the other one has the rest of them.
    watched.splice(0, 1, c.url)
    b.cable.cut()
    expect(await next.ended).toMatchObject({ status: "succeeded", turns: [{ attempts: 1 }] })
    const across = await ask(watcher, "three", ["patch"], { lane: "fast" })
    expect(await across.ended).toMatchObject({ status: "succeeded" })
    const said = await watcher.ask("POST", `/v1/tasks/${ends.task}/accept`, { how: "push" })
    ends.story.answers.push({ what: "accept", said, turn: null })
    expect(said.body).toMatchObject({ review: "accepted" })
    await watchToTheEnd({ story: ends.story, caller: watcher })
    console.log(
      `its gateway answered after ${Math.round(answeredMs)} ms; ${late.about(stays.task) + late.about(ends.task)} late calls were refused`,
    )
  })

  test("connections that the other side dropped while it was away are made anew", async () => {
    const { c, hosts } = fleet
    c.host.unplug()
    hosts.a.forget(c.host)
    c.host.plug()
    const next = await ask(through([c.url]), "one", ["patch", "run"])
    expect(hostOf(await untilSeen(next, "turn.started"))).toBe(c.host.name)
    expect(await next.ended).toMatchObject({ status: "succeeded" })
  })

  test("nothing is lost, done twice, or left", async () => {
    const { b, c, remote } = fleet
    for (const part of Object.values(parts)) expect(isRunning(part)).toBe(true)
    const dataDirs = [b.dataDir, c.dataDir]
    const stories = all.map(({ story }) => story)
    const { wrong, ended } = await check(watcher, stories, { remote, dataDirs, say: () => undefined })
    expect([...wrong, ...jails.violations]).toEqual([])
    expect(ended.length).toBe(all.length)
    for (const isGateway of [false, true]) {
      const some = isGateway ? [parts.bGateway, parts.cGateway] : [parts.bDeep, parts.cDeep, parts.bFast]
      for (const part of some) part.kill("SIGTERM")
      await Promise.all(some.map(part => part.ended))
    }
    expect(checkLeft(b.dataDir, dataDirs)).toEqual([])
    expect(checkLeft(c.dataDir, dataDirs)).toEqual([])
    for (const { host } of [b, c]) expect(host.processes()).toEqual([])
  })
})

const isRunning = ({ pid }: Part): boolean => {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}
