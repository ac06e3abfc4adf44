import type { Task } from "@twolane/protocol"
import { ClientProblem } from "../problem.ts"
import { noWatch, seen, type Watch, watchOf } from "../watch.ts"
import type { Begun, Connection, LiveWish } from "./connection.ts"
import { makeReader, type Reader } from "./reader.ts"
import type { Events, Readers } from "./readers.ts"

/** How a request with an effect is sent; it has a key of its own without one. */
export type LiveEffect = { idempotencyKey?: string }
/** How a turn is asked for. */
export type LiveAsking = LiveEffect & {
  /** Let the turn go on when the socket closes; it is interrupted otherwise. */
  onDisconnect?: "continue"
  /** The last event that is known of the task. */
  after?: string
}

/** A connection and who reads over it. */
export type Line = { connection: Connection; readers: Readers }

/** What is known of a turn that was asked for. */
type Asked = {
  readonly reader: Reader
  watch: Watch
  /** The turn, once a fast worker has it. */
  turn: string | null
  /** The gateway has said how it ended, or that it is not on this socket. */
  answered: boolean
  /** Nobody reads it any more. */
  left: boolean
}

/** Asks for a turn and yields its events and live text, to its end or to that of the turn it is handed to. Leaving interrupts it. */
export async function* streamLive(
  line: Line,
  wish: LiveWish,
  asking: LiveAsking,
  signal: AbortSignal,
): Events {
  const asked = askFor(line, wish, asking)
  try {
    for await (const event of line.readers.read(asked.reader, signal)) {
      asked.watch = seen(asked.watch, event)
      yield event
      if (asked.watch.over) return
    }
  } finally {
    asked.left = true
    const { reader, turn, answered, watch } = asked
    if (
      asking.onDisconnect === undefined &&
      !answered &&
      !watch.over &&
      turn !== null &&
      reader.task !== null
    )
      interrupt(line, reader.task)
  }
}

const askFor = (
  line: Line,
  wish: LiveWish,
  { idempotencyKey = crypto.randomUUID(), after, onDisconnect }: LiveAsking,
): Asked => {
  const from = after ?? null
  const reader = makeReader(from)
  // Who follows the task already may get the turn's first events before it is known which they are.
  if (wish.type === "turn") reader.task = wish.task
  reader.hold()
  line.readers.add(reader)
  const asked: Asked = { reader, watch: noWatch, turn: null, answered: false, left: false }
  const answer = line.connection.ask({
    wish: () =>
      ({
        ...wish,
        idempotencyKey,
        ...(onDisconnect && { onDisconnect }),
        ...(reader.after !== null && { after: reader.after }),
      }) as LiveWish,
    onBegun: begun => {
      onBegun(asked, begun)
      if (asked.left && onDisconnect === undefined) interrupt(line, begun.task)
    },
  })
  answer.then(
    body => onAnswer(line, asked, body as Task, from),
    (error: unknown) => onRefused(line, asked, error),
  )
  return asked
}

const onBegun = (asked: Asked, { task, turn, after }: Begun): void => {
  asked.reader.task = task
  asked.reader.release(after, turn)
  asked.turn = turn
  if (asked.watch.turn === null) asked.watch = { ...asked.watch, task, turn }
}

const onAnswer = ({ readers }: Line, asked: Asked, task: Task, after: string | null): void => {
  asked.answered = true
  if (asked.turn === null) {
    asked.watch = watchOf(task, after)
    asked.reader.release(after, null)
  }
  const turn = task.turns.find(({ id }) => id === asked.turn)
  // A fast turn's events have all come; one that is queued, or was handed on, is in the log.
  if (turn === undefined || turn.status === "handed_off") readers.attach(asked.reader, task.id)
}

/** Another try at a turn that had begun may still go on: its task's log tells. */
const onRefused = ({ readers }: Line, asked: Asked, error: unknown): void => {
  asked.answered = true
  const { reader, turn } = asked
  const mayGoOn = error instanceof ClientProblem && error.problem.retryable
  if (mayGoOn && turn !== null && reader.task !== null) readers.attach(reader, reader.task)
  else reader.end(error)
}

const interrupt = ({ connection }: Line, task: string): void => {
  // Whether it came in time is told by nobody who would still hear it.
  connection.ask({ wish: () => ({ type: "interrupt", task }) }).catch(() => undefined)
}
