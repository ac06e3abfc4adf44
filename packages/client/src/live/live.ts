import type { Task } from "@twolane/protocol"
import type { SteerInput, TaskInput, TurnInput } from "../calls-tasks.ts"
import type { GateInput } from "../calls-team.ts"
import type { Transport } from "../transport.ts"
import { type LiveWish, makeConnection } from "./connection.ts"
import { makeReader } from "./reader.ts"
import { type Events, makeReaders, type Readers } from "./readers.ts"
import { type LiveAsking, type LiveEffect, streamLive } from "./turn.ts"

/** Where a task's events begin. */
export type LiveFollowing = { after?: string }

/** How a live connection is kept. */
export type LiveOptions = {
  /** How long a connection that broke is tried again before the error is thrown. */
  patienceMs?: number
}

const defaultPatienceMs = 60_000
/** One socket of a gateway, for any number of tasks. It is opened with the first call, and again by itself; the signal closes it. */
export type Live = {
  /** Submits a task and yields its turn's events and live text, to its end or to that of the turn it is handed to. */
  streamTask(task: TaskInput, asking: LiveAsking, signal: AbortSignal): Events
  /** Adds a turn to a task and yields its events likewise. */
  streamTurn(task: string, turn: TurnInput, asking: LiveAsking, signal: AbortSignal): Events
  /** A task's events, from its start or after one, then what happens; ends by its signal alone. */
  follow(task: string, following: LiveFollowing, signal: AbortSignal): Events
  steer(task: string, note: SteerInput, effect: LiveEffect, signal: AbortSignal): Promise<{ steer: string }>
  interrupt(task: string, effect: LiveEffect, signal: AbortSignal): Promise<Task>
  cancel(task: string, reason: string | undefined, effect: LiveEffect, signal: AbortSignal): Promise<Task>
  /** Goes back one checkpoint. */
  undo(task: string, effect: LiveEffect, signal: AbortSignal): Promise<Task>
  decide(
    task: string,
    gate: string,
    decision: GateInput,
    effect: LiveEffect,
    signal: AbortSignal,
  ): Promise<Task>
}

/**
 * Makes a live connection. Its calls throw `ClientProblem` and `Unreachable` as those over HTTP do, and their signals' reasons; a stream
 * ends with its signal, without an error.
 */
export const makeLive = (
  transport: Transport,
  { patienceMs = defaultPatienceMs }: LiveOptions,
  life: AbortSignal,
): Live => {
  const readers: Readers = makeReaders(
    { tell: wish => connection.tell(wish), wake: () => connection.wake() },
    life,
  )
  const connection = makeConnection(transport, readers.events, patienceMs, life)
  const line = { connection, readers }
  const act = async <Body>(
    wish: LiveWish,
    { idempotencyKey }: LiveEffect,
    signal: AbortSignal,
  ): Promise<Body> => {
    signal.throwIfAborted()
    const keyed = { ...wish, idempotencyKey: idempotencyKey ?? crypto.randomUUID() } as LiveWish
    return (await orAborted(connection.ask({ wish: () => keyed }), signal)) as Body
  }
  return {
    streamTask: (body, asking, signal) => streamLive(line, { type: "submit", body }, asking, signal),
    streamTurn: (task, body, asking, signal) =>
      streamLive(line, { type: "turn", task, body }, asking, signal),
    follow: async function* (task, { after }, signal) {
      const reader = makeReader(after ?? null)
      readers.add(reader)
      readers.attach(reader, task)
      yield* readers.read(reader, signal)
    },
    steer: (task, body, effect, signal) => act({ type: "steer", task, body }, effect, signal),
    interrupt: (task, effect, signal) => act({ type: "interrupt", task }, effect, signal),
    cancel: (task, reason, effect, signal) =>
      act({ type: "cancel", task, body: reason === undefined ? {} : { reason } }, effect, signal),
    undo: (task, effect, signal) => act({ type: "undo", task }, effect, signal),
    decide: (task, gate, body, effect, signal) => act({ type: "gate", task, gate, body }, effect, signal),
  }
}

const orAborted = <Value>(promise: Promise<Value>, signal: AbortSignal): Promise<Value> =>
  new Promise((resolve, reject) => {
    const stop = () => reject(signal.reason)
    signal.addEventListener("abort", stop, { once: true })
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", stop))
  })
