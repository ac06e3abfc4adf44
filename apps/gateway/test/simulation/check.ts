import { isDeepStrictEqual } from "node:util"
import {
  foldEvents,
  isFinal,
  judgeCandidate,
  type TaskEvent,
  type TaskState,
  turnOf,
} from "@twolane/protocol"
import type { Store } from "@twolane/store"
import { type Promised, team } from "./requests.ts"
import type { World } from "./world.ts"

/** Reads only what the outside can see, and says what is not as it was promised. */
export const check = async (world: World, store: Store, promised: Promised): Promise<string[]> => {
  const wrong = [
    ...world.sandboxes.violations,
    ...world.errors.map(error => `an error that no fault explains: ${wordsOf(error)}`),
  ]
  const states = new Map<string, TaskState>()
  for (const task of await listAll(store)) {
    const log = await wholeLog(store, task)
    const state = await store.read({ team, task })
    if (state === null) continue
    states.set(task, state)
    wrong.push(...checkLog(log, state).map(fault => `${task}: ${fault}`))
  }
  for (const task of promised.tasks)
    if (!states.has(task)) wrong.push(`${task} was answered, and is not in the list`)
  for (const [turn, task] of promised.canceled) wrong.push(...checkCanceled(states.get(task), turn))
  wrong.push(...checkGroups(states, store.now()))
  wrong.push(...checkEffects(world, states, promised), ...(await checkQueue(store)))
  wrong.push(...(await checkTeamStream(world, states)))
  const running = world.sandboxes.live()
  if (running.length > 0) wrong.push(`${running.length} jails run though every turn has ended`)
  return wrong
}

const wordsOf = (error: unknown): string =>
  error instanceof Error ? (error.stack ?? error.message) : JSON.stringify(error)

/** Every task that the team's list has. */
export const listAll = async (store: Store): Promise<string[]> => {
  const { items } = await store.list(team, {}, { limit: 200 })
  return items.map(({ id }) => id)
}

const wholeLog = async (store: Store, task: string): Promise<TaskEvent[]> =>
  await store.events({ team, task }, "0-0", 10_000)

const checkLog = (log: readonly TaskEvent[], state: TaskState): string[] => {
  const wrong: string[] = []
  const counts = new Map<number, number>()
  let newest = 0
  for (const { id, attempt } of log) {
    const n = (counts.get(attempt) ?? 0) + 1
    counts.set(attempt, n)
    if (id !== `${attempt}-${n}`) wrong.push(`event ${id} where ${attempt}-${n} should be`)
    if (attempt < newest) wrong.push(`event ${id} after one of attempt ${newest}`)
    newest = Math.max(newest, attempt)
  }
  const folded = foldEvents(null, log)
  if (!isDeepStrictEqual(folded, state)) wrong.push("the stored fold is not the fold of the log")
  const starts = log.filter(event => event.type === "turn.started").length
  if (starts !== state.attempt) wrong.push(`${starts} times turn.started in ${state.attempt} attempts`)
  for (const turn of state.turns) {
    if (!isFinal(turn.status)) wrong.push(`turn ${turn.id} is still ${turn.status}`)
    const ends = log.filter(event => event.type === "turn.ended" && event.turn === turn.id).length
    if (ends !== 1) wrong.push(`turn ${turn.id} ended ${ends} times`)
  }
  const steered = log.filter(event => event.type === "steer.accepted").length
  const answered = log.filter(
    event => event.type === "steer.applied" || event.type === "steer.rejected",
  ).length
  if (steered !== answered) wrong.push(`${steered} steers, ${answered} answers to them`)
  if (state.gates.length > 0) wrong.push(`${state.gates.length} gates are open`)
  return wrong
}

/** A cancel that was answered ends its turn as canceled, or finds it ended before. */
const checkCanceled = (state: TaskState | undefined, turn: string): string[] => {
  const found = state === undefined ? undefined : turnOf(state, turn)
  if (found?.outcome === undefined) return [`turn ${turn} was canceled, and has no outcome`]
  const { status } = found.outcome
  return found.cancel !== undefined && status !== "canceled" && status !== "handed_off"
    ? [`turn ${turn} was canceled while it was open, and is ${status}`]
    : []
}

/** A group is there as a whole, and nothing is left to be done that follows from one candidate for another. */
const checkGroups = (states: Map<string, TaskState>, now: number): string[] =>
  [...states.values()].flatMap(state => {
    const ids = (state.group?.candidates ?? []).map(({ task }) => task)
    const missing = ids.filter(id => !states.has(id)).map(id => `${id} of ${state.group?.id} was never made`)
    const others = ids.filter(id => id !== state.id).flatMap(id => states.get(id) ?? [])
    const left = judgeCandidate(state, others, now).map(
      ({ type }) => `${state.id} lacks ${type} of its group`,
    )
    return [...missing, ...left]
  })

/** The remote saw each accepted change once, and nothing else. */
const checkEffects = ({ remote }: World, states: Map<string, TaskState>, promised: Promised): string[] => {
  const wrong = remote.moves
    .filter((move, index) => remote.moves.indexOf(move) !== index)
    .map(move => `the remote saw ${move} twice`)
  for (const accepted of promised.accepted) {
    const [task = "", head = ""] = accepted.split(" ")
    const state = states.get(task)
    const pushed = remote.moves.includes(`${state?.branch} ${head}`)
    if (!pushed && state?.head === head && state.review === "open")
      wrong.push(`${accepted} was accepted, and never pushed`)
  }
  for (const state of states.values())
    if (state.review === "accepted" && remote.head(state.branch) !== state.pushed)
      wrong.push(
        `${state.id} says that ${state.pushed} is pushed, the remote has ${remote.head(state.branch)}`,
      )
  return wrong
}

const checkQueue = async (store: Store): Promise<string[]> => {
  const wrong: string[] = []
  for (const lane of ["fast", "deep"] as const) {
    const { waiting, running } = await store.queue(team, lane)
    if (waiting + running > 0) wrong.push(`lane ${lane} says ${waiting} wait and ${running} run`)
  }
  const open = await store.list(team, { status: "running" }, { limit: 10 })
  if (open.items.length > 0) wrong.push(`${open.items.length} tasks are listed as running`)
  return wrong
}

/** The team's stream has every event of every task, once and in order. */
const checkTeamStream = async ({ network }: World, states: Map<string, TaskState>): Promise<string[]> => {
  const rows = network.redis.call(["XRANGE", `tl:{team:${team}}:events`, "-", "+"])
  if (!Array.isArray(rows)) throw new Error("the team's stream is no stream")
  const seen = new Map<string, string[]>()
  for (const row of rows) {
    const fields = Array.isArray(row) && Array.isArray(row[1]) ? row[1] : []
    // An entry holds the events of one write.
    const json = fields[fields.indexOf("e") + 1]
    const events = JSON.parse(typeof json === "string" ? json : "[]") as TaskEvent[]
    for (const { task, id } of events) seen.set(task, [...(seen.get(task) ?? []), id])
  }
  const wrong: string[] = []
  for (const [task] of states) {
    const log = network.redis.call(["XRANGE", `tl:{${team}/${task}}:log`, "-", "+"])
    const logged = Array.isArray(log)
      ? log.map(row => (Array.isArray(row) && typeof row[0] === "string" ? row[0] : ""))
      : []
    const streamed = seen.get(task) ?? []
    if (!isDeepStrictEqual(streamed, logged))
      wrong.push(`${task} has the events ${logged.join(" ")}, the team's stream ${streamed.join(" ")}`)
  }
  return wrong
}
