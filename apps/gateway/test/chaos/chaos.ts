import { setTimeout as sleep } from "node:timers/promises"
import { makeRandom } from "../simulation/random.ts"
import { type Caller, makeCaller } from "./caller.ts"
import { check } from "./check.ts"
import { checkLeft } from "./check-left.ts"
import { mountSmallDisk } from "./disk.ts"
import { type Ground, mendAll, strike } from "./faults.ts"
import { type Fleet, startFleet } from "./fleet.ts"
import { type JailWatch, watchJails } from "./jails.ts"
import { startChaosModel } from "./model.ts"
import { newStory, playErrand, type Story } from "./person.ts"
import type { Plan } from "./plan.ts"
import { repos } from "./plan.ts"
import { type ChaosReceiver, startChaosReceiver } from "./receiver.ts"
import { type ChaosRemote, startChaosRemote } from "./remote.ts"

/** What a run gave. */
export type Chaos = {
  /** What is not as it was promised; empty when all holds. */
  wrong: string[]
  /** The faults as they struck, in words. */
  faults: string[]
  counts: Record<
    "tasks" | "turns" | "attempts" | "faults" | "pushes" | "messages" | "jails" | "starts",
    number
  >
  /** What the processes wrote, by name, for looking into what went wrong. */
  outputs: Record<string, string>
  logs: Record<string, unknown>
}

/** How long a fleet that is whole again may take until everything has ended: several leases and retries one after another. */
const healingMs = 180_000

/** How long what a webhook is owed may take: its second try comes a minute after the first failed. */
const deliveringMs = 120_000
/** How long the look at one task, its log and its tree may take, on a busy machine. */
const checkingMs = 1_000

/** Plays a plan on a whole fleet of real processes, lets it come to rest, and checks. */
export const runChaos = async (plan: Plan, say: (line: string) => void = () => {}): Promise<Chaos> => {
  await using stack = new AsyncDisposableStack()
  const model = stack.use(await startChaosModel())
  const remote = stack.use(await startChaosRemote(repos))
  const receiver = stack.use(await startChaosReceiver())
  const env = { GIT_SSL_CAINFO: remote.server.ca, TWOLANE_WEBHOOK_HOSTS: receiver.host }
  const fleet = stack.use(await startFleet(model.port, env))
  const disk = await mountSmallDisk(fleet.dataDirs[1] ?? "")
  if (disk !== null) stack.use(disk)
  const ground = { fleet, model, remote, receiver, disk }
  const jails = stack.use(watchJails())
  const over = new AbortController()
  const caller = makeCaller(fleet, makeRandom(plan.seed + 1), over.signal)
  await begin(caller, remote)
  await receiver.subscribe(caller)

  const stories = plan.errands.map(newStory)
  const beganAt = performance.now()
  const at = (atMs: number) => sleep(Math.max(0, beganAt + atMs - performance.now()))
  const playing = stories.map(async story => {
    await at(story.errand.atMs)
    await playErrand({ caller, remote, story, signal: over.signal })
  })
  const faults = await strikeAll(ground, plan, at, say)
  await mendAll(ground)
  say("the fleet is whole again")
  const rest = setTimeout(() => over.abort(new Error("it did not come to rest in time")), healingMs)
  await Promise.all(playing)
  clearTimeout(rest)
  return await judge({ fleet, remote, receiver, jails, stories, faults, plan })
}

/** Registers the repositories, however long the fleet takes to get ready. */
const begin = async (caller: Caller, remote: ChaosRemote): Promise<void> => {
  for (const name of remote.repos) {
    const said = await caller.ask("POST", "/v1/repos", {
      name,
      source: `${remote.server.origin}/${name}.git`,
    })
    if (said.status !== 201) throw new Error(`no repo ${name}: ${JSON.stringify(said.body)}`)
  }
}

const strikeAll = async (
  ground: Ground,
  { faults }: Plan,
  at: (atMs: number) => Promise<unknown>,
  say: (line: string) => void,
): Promise<string[]> => {
  // Redis can be away only once at a time, and so on: faults of one name wait for each other.
  const lines = new Map<string, Promise<void>>()
  const told: string[] = []
  for (const fault of faults) {
    await at(fault.atMs)
    const line = lineOf(fault.name)
    const done = (lines.get(line) ?? Promise.resolve()).then(async () => {
      const what = await strike(ground, fault)
      told.push(`${(fault.atMs / 1_000).toFixed(1)} s: ${fault.name}: ${what}`)
      say(told.at(-1) ?? "")
    })
    lines.set(line, done)
  }
  await Promise.all(lines.values())
  return told
}

const lineOf = (name: string): string => (name.endsWith("redis") ? "redis" : name)

type Ran = {
  fleet: Fleet
  remote: ChaosRemote
  receiver: ChaosReceiver
  jails: JailWatch
  stories: Story[]
  faults: string[]
  plan: Plan
}

const judge = async ({ fleet, remote, receiver, jails, stories, faults, plan }: Ran): Promise<Chaos> => {
  const withinMs = 60_000 + deliveringMs + stories.length * checkingMs
  const caller = makeCaller(fleet, makeRandom(plan.seed + 2), AbortSignal.timeout(withinMs))
  const { wrong, ended } = await check(caller, stories, { remote, dataDirs: fleet.dataDirs })
  await receiver.settle(caller, deliveringMs)
  const unheard = receiver.check(ended.flatMap(({ log }) => log))
  const running = [...jails.now().keys()].map(
    task => `a command of task ${task} runs though every turn has ended`,
  )
  await stopAll(fleet)
  const left = checkLeft(fleet.folder, fleet.dataDirs)
  const sum = (of: (one: (typeof ended)[number]) => number) => ended.reduce((all, one) => all + of(one), 0)
  return {
    wrong: [...wrong, ...unheard, ...jails.violations, ...running, ...left],
    faults,
    counts: {
      tasks: ended.length,
      turns: sum(({ task }) => task.turns.length),
      attempts: sum(({ task }) => task.turns.reduce((all, { attempts }) => all + attempts, 0)),
      faults: plan.faults.length,
      pushes: sum(({ task }) => (task.review === "accepted" ? 1 : 0)),
      messages: receiver.heard(),
      jails: jails.seen(),
      starts: fleet.slots.reduce((all, { starts }) => all + starts, 0),
    },
    outputs: Object.fromEntries(
      fleet.slots.map(({ name, part, written }) => [name, written + part.output()]),
    ),
    logs: Object.fromEntries(ended.map(({ task, log }) => [task.id, log])),
  }
}

/** As `npm start` ends: workers first. Redis stays, so that nobody waits for it. */
const stopAll = async (fleet: Fleet): Promise<void> => {
  fleet.stop()
  for (const isGateway of [false, true]) {
    const parts = fleet.slots.filter(({ role }) => (role === "gateway") === isGateway).map(({ part }) => part)
    for (const part of parts) part.kill("SIGTERM")
    await Promise.all(parts.map(({ ended }) => ended))
  }
  await fleet.redis.stop()
}
