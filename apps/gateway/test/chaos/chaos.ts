import { makeRandom } from "../simulation/random.ts"
import { type Caller, makeCaller } from "./caller.ts"
import { check } from "./check.ts"
import { checkLeft } from "./check-left.ts"
import type { Ground } from "./faults.ts"
import { type Fleet, startFleet } from "./fleet.ts"
import { startChaosGithub } from "./github.ts"
import { type JailWatch, watchJails } from "./jails.ts"
import { startChaosModel } from "./model.ts"
import type { Plan } from "./plan.ts"
import { repos } from "./plan.ts"
import { type Played, play } from "./play.ts"
import { type Say, withTime } from "./progress.ts"
import { startChaosReceiver } from "./receiver.ts"
import { type ChaosRemote, owner, startChaosRemote } from "./remote.ts"
import { startChaosDiscord } from "./talks/discord.ts"
import { startChaosSlack } from "./talks/slack.ts"

/** What a run gave. */
export type Chaos = {
  /** What is not as it was promised; empty when all holds. */
  wrong: string[]
  /** The faults as they struck, in words. */
  faults: string[]
  counts: Record<
    | "tasks"
    | "turns"
    | "attempts"
    | "faults"
    | "pushes"
    | "pulls"
    | "messages"
    | "slack"
    | "discord"
    | "comments"
    | "jails"
    | "starts",
    number
  > & {
    /** How often each fault struck; what had nothing to strike is not in it. */
    struck: Record<string, number>
    /** How long it was played, how long it took to heal, and how long to check, in seconds. */
    seconds: Record<"played" | "healed" | "checked", number>
  }
  /** What the processes wrote, by name, for looking into what went wrong. */
  outputs: Record<string, string>
  logs: Record<string, unknown>
}

/** How long what a webhook is owed may take: its second try comes a minute after the first failed. */
const deliveringMs = 120_000
/** How long the look at one task, its log and its tree may take, on a busy machine. */
const checkingMs = 1_000

/** Plays a plan on a whole fleet of real processes, lets it come to rest, and checks. */
export const runChaos = async (plan: Plan, print: Say = () => {}): Promise<Chaos> => {
  await using stack = new AsyncDisposableStack()
  const say = withTime(print)
  const model = stack.use(await startChaosModel())
  const remote = stack.use(await startChaosRemote(repos))
  const receiver = stack.use(await startChaosReceiver())
  const github = stack.use(await startChaosGithub())
  const slack = stack.use(await startChaosSlack())
  const discord = stack.use(await startChaosDiscord())
  const env = {
    GIT_SSL_CAINFO: remote.server.ca,
    TWOLANE_WEBHOOK_HOSTS: receiver.host,
    TWOLANE_PUBLIC_URL: "https://twolane.example.com",
    ...github.env,
    ...slack.env,
    ...discord.env,
  }
  const fleet = stack.use(await startFleet(model.port, env))
  const platforms = { slack, discord, github }
  const ground = { fleet, model, remote, receiver, ...platforms }
  const jails = stack.use(watchJails())
  const over = new AbortController()
  const caller = makeCaller(fleet, makeRandom(plan.seed + 1), over.signal)
  await begin(caller, remote)
  await receiver.subscribe(caller)
  for (const platform of Object.values(platforms)) await platform.link(caller)
  say("the fleet is ready")
  const random = makeRandom(plan.seed + 3)
  const played = await play(ground, plan, { caller, remote, platforms, fleet, over, say, random })
  say(`everything has ended; ${played.stories.length} tasks are checked`)
  return await judge({ ground, jails, played, plan, say })
}

/** Registers the repositories, however long the fleet takes to get ready. */
const begin = async (caller: Caller, remote: ChaosRemote): Promise<void> => {
  for (const name of remote.repos) {
    const said = await caller.ask("POST", "/v1/repos", {
      name,
      source: `${remote.server.origin}/${owner}/${name}.git`,
    })
    if (said.status !== 201) throw new Error(`no repo ${name}: ${JSON.stringify(said.body)}`)
  }
}

type Ran = { ground: Ground; jails: JailWatch; played: Played; plan: Plan; say: Say }

const judge = async ({ ground, jails, played, plan, say }: Ran): Promise<Chaos> => {
  const { fleet, remote, receiver, github, slack, discord } = ground
  const { stories, struck } = played
  const beganAt = performance.now()
  const withinMs = 60_000 + deliveringMs + stories.length * checkingMs
  const caller = makeCaller(fleet, makeRandom(plan.seed + 2), AbortSignal.timeout(withinMs))
  const { wrong, ended } = await check(caller, stories, { remote, dataDirs: fleet.dataDirs, say })
  await receiver.settle(caller, deliveringMs)
  const unheard = receiver.check(ended.flatMap(({ log }) => log))
  const running = [...jails.now().keys()].map(
    task => `a command of task ${task} runs though every turn has ended`,
  )
  await stopAll(fleet)
  const left = checkLeft(fleet.folder, fleet.dataDirs)
  const sum = (of: (one: (typeof ended)[number]) => number) => ended.reduce((all, one) => all + of(one), 0)
  const hits = struck.filter(({ isSkipped }) => !isSkipped)
  const seconds = (ms: number) => Math.round(ms / 1_000)
  return {
    wrong: [
      ...wrong,
      ...unheard,
      ...[github, slack, discord].flatMap(platform => platform.check(ended)),
      ...jails.violations,
      ...running,
      ...left,
    ],
    faults: struck.map(({ atMs, name, what }) => `${(atMs / 1_000).toFixed(1)} s: ${name}: ${what}`),
    counts: {
      tasks: ended.length,
      turns: sum(({ task }) => task.turns.length),
      attempts: sum(({ task }) => task.turns.reduce((all, { attempts }) => all + attempts, 0)),
      faults: hits.length,
      pushes: sum(({ task }) => (task.review === "accepted" ? 1 : 0)),
      pulls: github.double.state.pulls.length,
      messages: receiver.heard(),
      slack: slack.count(),
      discord: discord.count(),
      comments: github.count(),
      jails: jails.seen(),
      starts: fleet.slots.reduce((all, { starts }) => all + starts, 0),
      struck: Object.fromEntries(
        Map.groupBy(hits, ({ name }) => name)
          .entries()
          .map(([name, some]) => [name, some.length]),
      ),
      seconds: {
        played: seconds(plan.endMs),
        healed: seconds(played.healedMs),
        checked: seconds(performance.now() - beganAt),
      },
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
