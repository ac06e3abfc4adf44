import {
  beforeFirst,
  compareEventIds,
  type Problem,
  type Task,
  type TaskDelta,
  type TaskEvent,
} from "@twolane/protocol"
import type { SteerInput, TaskInput, TurnInput } from "../calls-tasks.ts"
import type { GateInput } from "../calls-team.ts"
import { pause } from "../pause.ts"
import { ClientProblem } from "../problem.ts"
import { awayCodes, type Transport } from "../transport.ts"
import { noWatch, seen, watchOf } from "../watch.ts"
import { type LiveWish, makeConnection } from "./connection.ts"
import { makeReader, type Reader } from "./reader.ts"

/** How a request with an effect is sent; it has a key of its own without one. */
export type LiveEffect = { idempotencyKey?: string }
/** How a turn is asked for. */
export type LiveAsking = LiveEffect & {
  /** Let the turn go on when the socket closes; it is interrupted otherwise. */
  onDisconnect?: "continue"
  /** The last event that is known of the task. */
  after?: string
}
/** Where a task's events begin. */
export type LiveFollowing = { after?: string }

/** How a live connection is kept. */
export type LiveOptions = {
  /** How long a connection that broke is tried again before the error is thrown. */
  patienceMs?: number
}

const defaultPatienceMs = 60_000
/** A task whose events could not be read just now is asked for again so much later. */
const awayMs = 1_000

type Events = AsyncGenerator<TaskEvent | TaskDelta, void>

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
  const readers = new Set<Reader>()
  /** The tasks that somebody follows, or whose turn is not on this socket. */
  const subscribed = new Set<string>()
  const of = (task: string) => [...readers].filter(reader => reader.task === task)

  const connection = makeConnection(
    transport,
    {
      onEvent: event => {
        for (const reader of of(event.task)) reader.give(event)
      },
      onStopped: (task, problem) => onStopped(task, problem),
      onOpen: () => {
        for (const task of subscribed) subscribe(task)
      },
      onGivenUp: error => {
        for (const reader of readers) reader.end(life.aborted ? undefined : error)
      },
      isNeeded: () => readers.size > 0,
    },
    patienceMs,
    life,
  )
  /** Events that the socket has got already come again where a reader wants them: each reader leaves out what it has. */
  const subscribe = (task: string) => {
    const earliest = of(task)
      .filter(reader => !reader.isHeld())
      .map(({ after }) => after ?? beforeFirst)
      .toSorted(compareEventIds)[0]
    connection.tell({ type: "subscribe", task, after: earliest ?? beforeFirst })
  }
  const onStopped = (task: string, problem: Problem) => {
    if (awayCodes.has(problem.code)) return void subscribeSoon(task)
    const error = new ClientProblem(problem as ClientProblem["problem"])
    for (const reader of of(task)) reader.end(error)
  }
  const subscribeSoon = async (task: string) => {
    await pause(awayMs, life)
    if (of(task).length === 0) return
    subscribed.add(task)
    subscribe(task)
  }
  const attach = (reader: Reader, task: string) => {
    reader.task = task
    subscribed.add(task)
    subscribe(task)
    connection.wake()
  }
  const leave = (reader: Reader) => {
    readers.delete(reader)
    if (reader.task === null || of(reader.task).length > 0 || !subscribed.delete(reader.task)) return
    connection.tell({ type: "unsubscribe", task: reader.task })
  }
  async function* read(reader: Reader, signal: AbortSignal): Events {
    const stop = () => reader.end()
    signal.addEventListener("abort", stop, { once: true })
    try {
      if (!signal.aborted) yield* reader.events()
    } finally {
      signal.removeEventListener("abort", stop)
      leave(reader)
    }
  }
  async function* stream(wish: LiveWish, asking: LiveAsking, signal: AbortSignal): Events {
    const { idempotencyKey = crypto.randomUUID(), after, onDisconnect } = asking
    const reader = makeReader(after ?? null)
    // Who follows the task already may get the turn's first events before it is known which they are.
    if (wish.type === "turn") reader.task = wish.task
    reader.hold()
    readers.add(reader)
    let watch = noWatch
    let turn: string | null = null
    let answered = false
    let left = false
    const interrupt = (task: string) => {
      // Whether it came in time is told by nobody who would still hear it.
      connection.ask({ wish: () => ({ type: "interrupt", task }) }).catch(() => undefined)
    }
    const answer = connection.ask({
      wish: () =>
        ({
          ...wish,
          idempotencyKey,
          ...(onDisconnect && { onDisconnect }),
          ...(reader.after !== null && { after: reader.after }),
        }) as LiveWish,
      onBegun: begun => {
        reader.task = begun.task
        reader.release(begun.after, begun.turn)
        turn = begun.turn
        if (watch.turn === null) watch = { ...watch, task: begun.task, turn }
        if (left && onDisconnect === undefined) interrupt(begun.task)
      },
    })
    answer.then(
      body => {
        answered = true
        const task = body as Task
        if (turn === null) {
          watch = watchOf(task, after ?? null)
          reader.release(after ?? null, null)
        }
        const asked = task.turns.find(({ id }) => id === turn)
        // A fast turn's events have all come; one that is queued, or was handed on, is in the log.
        if (asked === undefined || asked.status === "handed_off") attach(reader, task.id)
      },
      (error: unknown) => {
        answered = true
        if (
          turn !== null &&
          reader.task !== null &&
          error instanceof ClientProblem &&
          error.problem.retryable
        )
          attach(reader, reader.task)
        else reader.end(error)
      },
    )
    try {
      for await (const event of read(reader, signal)) {
        watch = seen(watch, event)
        yield event
        if (watch.over) return
      }
    } finally {
      left = true
      if (!answered && !watch.over && onDisconnect === undefined && turn !== null && reader.task !== null)
        interrupt(reader.task)
    }
  }
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
    streamTask: (body, asking, signal) => stream({ type: "submit", body }, asking, signal),
    streamTurn: (task, body, asking, signal) => stream({ type: "turn", task, body }, asking, signal),
    follow: async function* (task, { after }, signal) {
      const reader = makeReader(after ?? null)
      readers.add(reader)
      attach(reader, task)
      yield* read(reader, signal)
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
