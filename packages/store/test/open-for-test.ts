import { randomBytes } from "node:crypto"
import {
  type Actor,
  type EventBody,
  type Lane,
  type NewEvent,
  newId,
  noUsage,
  type Outcome,
  type Repo,
  type TaskEvent,
  type TaskState,
} from "@twolane/protocol"
import { type PrivateRedis, startRedis } from "@twolane/testkit"
import type { Shelf } from "../src/archive/shelf.ts"
import { type Attempt, openStore, type Store, type TaskRef, type WorkerOptions } from "../src/index.ts"

export const team = "default"
export const alice = { key: "key_alice", name: "Alice" }

/** Leases short enough for tests that wait for them. */
export const shortTiming = { leaseMs: 1_500, beatMs: 150, fenceMs: 900 }
/** Leases that a busy machine does not end, for tests in which hardly anybody loses one. */
export const longerTiming = { leaseMs: 6_000, beatMs: 150, fenceMs: 4_000 }

/** One private Redis and any number of stores on it, as processes have them. */
export type Bench = AsyncDisposable & {
  redis: PrivateRedis
  url: string
  secretKey: string
  /** Errors that stores reported. */
  errors: unknown[]
  expectNoErrors(): void
  open(more?: {
    perRepo?: number
    timing?: typeof shortTiming
    auditKept?: number
    archive?: Shelf
    url?: string
  }): Promise<Store>
}

/** What each test of the store's core runs on. */
export const redisKinds = [
  { name: "a single Redis", cluster: false },
  { name: "a one-node cluster", cluster: true },
]

export const startBench = async (options: { cluster?: boolean } = {}): Promise<Bench> => {
  const redis = await startRedis(options)
  const url = options.cluster === true ? `${redis.url},${redis.url}` : redis.url
  const secretKey = randomBytes(32).toString("base64url")
  const errors: unknown[] = []
  const stores: Store[] = []
  return {
    redis,
    url,
    secretKey,
    errors,
    expectNoErrors: () => {
      const [first] = errors.splice(0)
      if (first !== undefined) throw new Error("a store reported an error", { cause: first })
    },
    open: async (more = {}) => {
      const onError = (error: unknown) => void errors.push(error)
      const store = await openStore({ url, secretKey, onError, timing: shortTiming, ...more })
      stores.push(store)
      return store
    },
    [Symbol.asyncDispose]: async () => {
      for (const store of stores) await store[Symbol.asyncDispose]()
      await redis.stop()
    },
  }
}

type TaskWish = {
  repo?: string
  lane?: Lane
  prompt?: string
  priority?: TaskState["priority"]
  labels?: string[]
  notBefore?: number
  after?: string[]
  ofTeam?: string
  by?: Actor
  at?: number
}

/** A repo of the team that any host can serve. */
export const repoOf = (name: string): Repo => ({
  name,
  team,
  source: "https://example.org/x.git",
  defaultBranch: "main",
  createdAt: 1,
  credential: "none",
  secrets: [],
})

/** The first events of a task. */
export const newTask = (wish: TaskWish = {}) => {
  const { repo = "shop", lane = "deep", prompt = "mend the cart", priority = "normal", labels = [] } = wish
  const { by = alice } = wish
  const task = newId("task")
  const turn = newId("turn")
  const at = wish.at ?? Date.now()
  const events: NewEvent[] = [
    {
      type: "task.created",
      turn: null,
      at,
      team: wish.ofTeam ?? team,
      repo,
      title: prompt,
      prompt,
      by,
      origin: "api",
      labels,
      priority,
      base: null,
      baseAtSubmit: "b".repeat(40),
    },
    {
      ...queued(turn, {
        lane,
        prompt,
        by,
        ...(wish.notBefore === undefined ? {} : { notBefore: wish.notBefore }),
        ...(wish.after === undefined ? {} : { after: wish.after }),
      }),
      at,
    },
  ]
  return { team: wish.ofTeam ?? team, task, turn, events }
}

export const queued = (
  turn: string,
  more: Partial<Extract<EventBody, { type: "turn.queued" }>> = {},
): NewEvent => ({
  type: "turn.queued",
  turn,
  at: Date.now(),
  lane: "deep",
  position: null,
  reason: "next",
  prompt: "go on",
  by: alice,
  options: {},
  ...more,
})

export const ended = (turn: string, outcome: Outcome = { status: "succeeded" }): NewEvent => ({
  type: "turn.ended",
  turn,
  at: Date.now(),
  outcome,
  usage: noUsage,
})

export const message = (turn: string, text: string): NewEvent => ({
  type: "message.done",
  turn,
  at: Date.now(),
  text,
})

export const steer = (turn: string, prompt: string): NewEvent => ({
  type: "steer.accepted",
  turn,
  at: Date.now(),
  steer: newId("steer"),
  prompt,
})

/** What the gateway writes when somebody cancels a turn that runs. */
export const cancelRequest = (turn: string, scope: "turn" | "task" = "task"): NewEvent => ({
  type: "cancel.requested",
  turn,
  at: Date.now(),
  by: alice,
  scope,
})

/** A worker whose turns do what the test says. */
export const workerOf = (
  run: (attempt: Attempt) => Promise<void>,
  more: Partial<WorkerOptions> = {},
): WorkerOptions => ({
  lane: "deep",
  id: newId("worker"),
  capacity: 2,
  version: "0.0.0",
  sandbox: "off",
  host: "here",
  started: () => ({ model: "simulated", engine: "none", simulated: true }),
  holding: () => null,
  run,
  deliver: async () => ({ ok: true, value: {} }),
  ...more,
})

/** A run that ends its turn at once. */
export const succeed = async (attempt: Attempt): Promise<void> => {
  await attempt.write([ended(attempt.turn)])
}

/** A run that goes on until it is aborted, and then says nothing: as a worker that was cut off. */
export const untilAborted = async ({ signal }: Attempt): Promise<void> => {
  if (!signal.aborted) await new Promise(resolve => signal.addEventListener("abort", resolve, { once: true }))
}

/** Follows a task until an event fits; answers every event up to it. */
export const eventsUntil = async (
  store: Store,
  ref: TaskRef,
  fits: (event: TaskEvent) => boolean,
  after = "0-0",
): Promise<TaskEvent[]> => {
  const seen: TaskEvent[] = []
  const stop = new AbortController()
  for await (const event of store.follow(ref, after, stop.signal)) {
    if (!("id" in event)) continue
    seen.push(event)
    if (!fits(event)) continue
    stop.abort()
    break
  }
  return seen
}

/** Waits for a task's turn to end. */
export const untilEnded = (store: Store, ref: TaskRef, turns = 1): Promise<TaskEvent[]> => {
  let left = turns
  return eventsUntil(store, ref, event => event.type === "turn.ended" && --left === 0)
}

/** Asks again every few ms until it holds; only for what no event tells. */
export const until = async (holds: () => Promise<boolean>): Promise<void> => {
  const deadline = performance.now() + 15_000
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error("it never came true")
    await new Promise(resolve => setTimeout(resolve, 10))
  }
}

export const idsOf = (events: readonly TaskEvent[]): string[] => events.map(({ id }) => id)
export const typesOf = (events: readonly TaskEvent[]): string[] => events.map(({ type }) => type)
