import { call, type ScriptRequest, startRedis } from "@twolane/testkit"
import { startKeeper } from "../../packages/workspace/src/keeper/client.ts"
import { type Child, startChild } from "../child.ts"
import type { HolderInput, RelaySays } from "../floors/tree-orders.ts"
import { type LoadClient, openLoad } from "../http-load.ts"
import { fiveRounds, inFlight, inTurns, median, quantile, repeated, timed } from "../measure.ts"
import { type Canceled, cancelOnce } from "../ours/cancel.ts"
import { deafen } from "../ours/deaf-redis.ts"
import { openHouse } from "../ours/house.ts"
import { makeRoom } from "../ours/room.ts"
import { absolute, compare, type Line, type MeasureRow } from "../row.ts"
import { markedTree } from "../survivors.ts"

const samplesPerRound = 8
const samplesInAll = 1_000
const atOnce = 2
const deafSamples = 5
const p99GoalMs = 150
const deafGoalMs = 1_500
const overPolling = 1 / 15

/** From the cancel's HTTP request to its confirmation, when nothing of the command is left: across three processes. */
export const run: MeasureRow = async ({ full, signal }) => {
  await using redis = await startRedis()
  await using made = await makeRoom(signal)
  const { room, sandbox } = made
  // The keeper makes the cell that the bare jail needs.
  await using _keeper = await startKeeper({ room, sandbox }, signal)
  const jailed = { bwrap: sandbox.bwrap, room, command: markedTree(newMark()) }
  await using told = await startFloor({ jailed, url: redis.url, hearing: "published" }, signal)
  await using polling = await startFloor({ jailed, url: redis.url, hearing: "polled" }, signal)

  await using opened = await openHouse({ script: runTree })
  using load = await openLoad(opened.house.url, atOnce)
  const all: Canceled[] = []
  const ours = async (): Promise<number> => {
    const canceled = await cancelOnce(opened.house, load, newMark(), signal)
    all.push(canceled)
    return canceled.tookMs
  }
  const found = await inTurns(
    {
      floor: repeated(samplesPerRound, () => killed(told, signal)),
      polling: repeated(samplesPerRound, () => killed(polling, signal)),
      ours: repeated(samplesPerRound, ours),
    },
    fiveRounds(signal),
  )
  if (full) await inFlight(samplesInAll - all.length, atOnce, ours)
  const deaf = await withoutWakeUps(signal)
  const ourMs = median(found.ours)
  return {
    lines: [
      compare("", "ms", { floor: median(found.floor), ours: ourMs }, { atMost: 2.5 }),
      {
        ...compare(
          "against polling",
          "ms",
          { floor: median(found.polling), ours: ourMs },
          { atMost: overPolling },
        ),
        goal: "≤ 1/15 ×",
      },
      absolute("p99", quantile(found.ours, 0.99), p99GoalMs),
      absolute("every wake-up lost, the slowest", Math.max(...deaf.map(each => each.tookMs)), deafGoalMs),
      survivorsLine([...all, ...deaf]),
    ],
    profile: [
      `the worker reports ${median(all.map(each => each.reportedMs)).toFixed(0)} ms from request to proof`,
      `p99 of the floor: ${quantile(found.floor, 0.99).toFixed(1)} ms`,
    ],
  }
}

const newMark = (): string => `twl-mark-${crypto.randomUUID()}`

/** The model double runs the tree whose mark is the prompt. */
const runTree = ({ items }: ScriptRequest) => {
  const mark = /twl-mark-[0-9a-f-]{36}/.exec(JSON.stringify(items))?.[0] ?? "twl-mark-none"
  return call(["shell", { command: markedTree(mark), timeout_ms: 600_000 }])
}

type Floor = AsyncDisposable & { relay: Child<RelaySays>; load: LoadClient }

const startFloor = async (input: HolderInput, signal: AbortSignal): Promise<Floor> => {
  await using stack = new AsyncDisposableStack()
  const relay = stack.use(startChild<RelaySays>("floors/relay.ts", input))
  const said = await relay.next(signal)
  if (!("listens" in said)) throw new Error("the relay does not listen")
  const load = stack.use(await openLoad(`http://127.0.0.1:${said.listens}`, 1))
  const owned = stack.move()
  return { relay, load, [Symbol.asyncDispose]: () => owned.disposeAsync() }
}

/** Lets a holder start its tree, and times its end from the HTTP request to the answer. */
const killed = async ({ relay, load }: Floor, signal: AbortSignal): Promise<number> => {
  relay.send({})
  await relay.next(signal)
  return timed(() => load.post({ path: "/end", headers: {}, body: "{}" }))
}

/** Cancels of a worker that never hears a published message. */
const withoutWakeUps = async (signal: AbortSignal): Promise<Canceled[]> => {
  await using opened = await openHouse({ script: runTree, deepWorkers: 0, env: { TWOLANE_READY_LANES: "" } })
  const { house } = opened
  await using deaf = await deafen(house.redis.socketPath ?? "")
  house.addWorker({ REDIS_URL: deaf.url })
  using load = await openLoad(house.url, 1)
  const all: Canceled[] = []
  for (let index = 0; index < deafSamples; index += 1)
    all.push(await cancelOnce(house, load, newMark(), signal))
  return all
}

const survivorsLine = (all: readonly Canceled[]): Line => {
  const survivors = all.reduce((sum, each) => sum + each.survivors, 0)
  return {
    what: `of ${all.length} cancels`,
    floor: null,
    ours: survivors,
    unit: "survivors",
    ratio: null,
    goal: "0",
    ok: survivors === 0,
  }
}
