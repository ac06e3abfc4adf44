import {
  type GroupOf,
  groupOfFirst,
  isFault,
  isFinal,
  type Lane,
  lastTurn,
  newId,
  openTurn,
  siblingId,
  type TaskState,
} from "@twolane/protocol"
import type { NewTask, Store } from "@twolane/store"
import { cancelTask, interruptTurn } from "../../src/decide/cancel.ts"
import { addTurn, retryTurn } from "../../src/decide/follow-up.ts"
import { decideGate } from "../../src/decide/gate.ts"
import { acceptableHead, discardTask } from "../../src/decide/review.ts"
import { steerTurn } from "../../src/decide/steer.ts"
import type { Random } from "./random.ts"

/** The only team there is. */
export const team = "default"
/** Who asks for everything. */
const by = { key: "key_alice", name: "Alice" }

/** What callers were promised: only what was answered counts. */
export type Promised = {
  /** Tasks whose creation was answered. */
  tasks: Set<string>
  /** Turns whose cancel was answered, with their tasks. */
  canceled: Map<string, string>
  /** Changes whose acceptance was answered, as `task head`. */
  accepted: Set<string>
}

/** Nothing was promised yet. */
export const noPromises = (): Promised => ({ tasks: new Set(), canceled: new Map(), accepted: new Set() })

type Asking = { store: Store; random: Random; promised: Promised }

/** One request of somebody, by chance. @throws Fault when it is refused, or when Redis does not answer. */
export const makeRequest = async (asking: Asking, mostTasks: number): Promise<void> => {
  const { random, promised } = asking
  const known = [...promised.tasks]
  if (known.length === 0 || (known.length < mostTasks && random.chance(0.4)))
    return await (random.chance(0.35) ? createGroup : create)(asking)
  const task = random.one(known)
  await random.one([cancel, interrupt, followUp, retry, steer, decide, decide, accept, accept, discard])(
    asking,
    task,
  )
}

/** Submits a task, of the lane that is wanted or of any. */
export const create = async (
  asking: Asking,
  { lane = asking.random.chance(0.3) ? "fast" : "deep" }: { lane?: Lane } = {},
): Promise<void> => {
  const task = newTask(asking, newId("task"), lane)
  await asking.store.create(task)
  asking.promised.tasks.add(task.task)
}

/** Submits candidates: deep ones, or a fast one against deep ones. */
const createGroup = async (asking: Asking): Promise<void> => {
  const { store, random, promised } = asking
  const first = siblingId(newId("task"), 0)
  const lanes: Lane[] = [random.one(["fast", "deep"] as const), ...Array(random.whole(1, 2)).fill("deep")]
  const candidates = lanes.map((lane, index) => ({ task: siblingId(first, index), lane }))
  await store.createGroup(newTask(asking, first, lanes[0] ?? "deep", { id: groupOfFirst(first), candidates }))
  for (const { task } of candidates) promised.tasks.add(task)
}

const newTask = ({ store, random }: Asking, task: string, lane: Lane, group?: GroupOf): NewTask => {
  const at = store.now()
  const repo = random.one(["shop", "site"])
  const base = { base: null, baseAtSubmit: "b".repeat(40) }
  const priority = random.one(["urgent", "normal", "normal", "low"] as const)
  const prompt = "mend the cart"
  return {
    team,
    task,
    events: [
      {
        type: "task.created",
        turn: null,
        at,
        team,
        repo,
        title: prompt,
        prompt,
        by,
        origin: "api",
        labels: ["sim"],
        priority,
        ...base,
        ...(group === undefined ? {} : { group }),
      },
      {
        type: "turn.queued",
        turn: newId("turn"),
        at,
        lane,
        position: null,
        reason: "next",
        prompt,
        by,
        options: {},
        ...(random.chance(0.15) && { notBefore: at + random.whole(500, 6_000) }),
      },
    ],
  }
}

const cancel = async ({ store, promised }: Asking, task: string): Promise<void> => {
  let open: string[] = []
  await store.change({
    team,
    task,
    decide: (state, now) => {
      open = openTurns(state)
      return cancelTask(state, { by }, now)
    },
  })
  for (const turn of open) promised.canceled.set(turn, task)
}

const interrupt = async ({ store, promised }: Asking, task: string): Promise<void> => {
  let running: string | undefined
  await store.change({
    team,
    task,
    decide: (state, now) => {
      running = openTurn(state)?.id
      return interruptTurn(state, by, now)
    },
  })
  if (running !== undefined) promised.canceled.set(running, task)
}

const openTurns = (state: TaskState): string[] =>
  state.turns.filter(turn => !isFinal(turn.status)).map(({ id }) => id)

const followUp = async ({ store, random }: Asking, task: string): Promise<void> => {
  const next = { turn: newId("turn"), prompt: "go on", options: {}, by, interrupt: random.chance(0.3) }
  await store.change({
    team,
    task,
    decide: (state, now) => (openTurns(state).length > 2 ? [] : addTurn(state, next, now)),
  })
}

const retry = async ({ store, random }: Asking, task: string): Promise<void> => {
  const wish = { turn: newId("turn"), from: random.one(["checkpoint", "base"] as const), by }
  await store.change({ team, task, decide: (state, now) => retryTurn(state, wish, now) })
}

const steer = async ({ store }: Asking, task: string): Promise<void> => {
  const id = newId("steer")
  const decide = (state: TaskState, now: number) =>
    steerTurn(state, { steer: id, turn: lastTurn(state)?.id ?? "", prompt: "more", by }, now)
  await store.change({ team, task, decide })
}

const decide = async ({ store, random }: Asking, task: string): Promise<void> => {
  const decision = random.one(["allow", "allow", "deny"] as const)
  await store.change({
    team,
    task,
    decide: (state, now) => {
      const gate = state.gates[0]?.gate
      return gate === undefined ? [] : decideGate(state, { gate, decision, by }, now)
    },
  })
}

const accept = async ({ store, promised }: Asking, task: string): Promise<void> => {
  const state = await store.read({ team, task })
  if (state === null || state.review === "accepted") return
  const head = acceptableHead(state)
  const effect = { op: `accept-${head}`, kind: "accept", how: "push", by, head } as const
  await store.change({ team, task, decide: () => [], effect })
  promised.accepted.add(`${task} ${head}`)
}

const discard = async ({ store, random }: Asking, task: string): Promise<void> => {
  if (random.chance(0.8)) return
  await store.change({ team, task, decide: (state, now) => discardTask(state, by, now) })
}

/** Decides what waits for a person and cancels what would wait for ever, so that all turns end. */
export const answerGates = async (store: Store, tasks: Iterable<string>): Promise<void> => {
  for (const task of tasks)
    await store.change({
      team,
      task,
      decide: (state, now) => {
        const gate = state.gates[0]?.gate
        return gate === undefined ? [] : decideGate(state, { gate, decision: "deny", by }, now)
      },
    })
}

/** Whether an error is what a caller must expect: a refusal, or Redis being away. */
export const isExpected = (error: unknown): boolean => isFault(error)
