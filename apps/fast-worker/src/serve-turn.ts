import type { ServerResponse } from "node:http"
import { derive } from "@twolane/common"
import {
  beforeFirst,
  Fault,
  type FaultCode,
  type NewEvent,
  problemOf,
  type TaskDelta,
  type TaskState,
  turnOf,
} from "@twolane/protocol"
import type { Attempt, DirectKnock, DirectRefusal, DirectTurn } from "@twolane/store"
import { callerLeft } from "@twolane/turns"
import { type CallerStream, openCallerStream } from "./caller-stream.ts"
import type { FastDeps } from "./fast-deps.ts"
import { refuse } from "./refuse.ts"
import { runFast } from "./run-fast.ts"
import type { Stops } from "./stops.ts"
import { type Sink, type Tail, tailAttempt } from "./tail.ts"

/** A turn as it came, and where its stream goes. */
export type Served = { deps: FastDeps; wish: DirectKnock; response: ServerResponse; stops: Stops }

/** Runs a turn that is being claimed, and streams it to its caller until it has ended, also where it waits or goes on elsewhere. */
export const serveTurn = async (
  { deps, wish, response, stops }: Served,
  turn: DirectTurn,
  stopping: AbortSignal,
): Promise<void> => {
  using reading = derive(stopping)
  let ended = false
  /** Whether this attempt is over: after a gate the turn goes on in another one, here or elsewhere. */
  let over = false
  const stream = openCallerStream(response, why => {
    reading.abort({ by: "disconnect" })
    if (why !== "left" || wish.onDisconnect !== "interrupt") return
    turn.abort({ by: "disconnect" })
    if (over) interruptElsewhere(deps, turn.attempt)
  })
  const sink: Sink = {
    delta: delta => stream.delta(delta),
    event: event => {
      stream.event(event)
      ended ||= event.type === "turn.ended" && event.turn === turn.attempt.turn
    },
  }
  await using tail = tailAttempt(deps.store, turn.attempt, wish.last ?? beforeFirst, sink)
  const claimed = turn.claimed.then(refused => {
    if (refused !== null) throw refusalFault(refused)
    tail.begin(turn.events)
  })
  claimed.catch(() => undefined) // it is told below
  await turn.run(async () => {
    using _running = stops.running(turn, tail.attempt)
    const delta = deltaInto(turn.attempt, tail)
    await runFast(deps, tail.attempt, { claimed, delta: wish.old ? onceClaimed(turn, delta) : delta })
  })
  over = true
  const refused = await turn.claimed
  if (refused !== null) return tellRefused(stream, response, wish, refused)
  try {
    const last = await tail.settle()
    // It may wait at a gate, or be queued again: the stream goes on until it has ended.
    for await (const event of ended ? [] : deps.store.follow(turn.attempt, last, reading.signal)) {
      if ("id" in event) sink.event(event)
      else sink.delta(event)
      if (ended) break
    }
    if (stopping.aborted && !ended) stream.fail(problemOf(elsewhere(), wish.requestId))
    else stream.end()
  } catch (error) {
    deps.log.warn({ error, task: wish.task }, "a stream could not be told its end")
    const fault = new Fault("store-unavailable", "Come back with Last-Event-ID.")
    stream.fail(problemOf(fault, wish.requestId))
  }
}

/** The caller of a turn that goes on in another attempt is gone: that one is told. A turn that waits at a gate keeps its question. */
const interruptElsewhere = ({ store, log }: FastDeps, { team, task, turn: id }: Attempt): void => {
  const decide = (state: TaskState, at: number): NewEvent[] => {
    const turn = turnOf(state, id)
    if (turn === undefined || (turn.status !== "running" && turn.status !== "queued")) return []
    const reason = callerLeft
    return [{ type: "cancel.requested", by: turn.by, reason, scope: "turn", turn: id, at }]
  }
  store
    .change({ team, task, decide })
    .catch((error: unknown) => log.warn({ error, task }, "a turn whose caller left could not be interrupted"))
}

const elsewhere = (): Fault =>
  new Fault(
    "shutting-down",
    "Its worker stops; the turn goes on at another one. Come back with Last-Event-ID.",
  )

/** Live text goes to the caller at once, and beside that to whoever else watches. */
const deltaInto =
  (attempt: Attempt, tail: Tail) =>
  (delta: Parameters<Attempt["delta"]>[0]): void => {
    const { task, turn } = attempt
    tail.delta({ ...delta, task, turn, attempt: attempt.attempt, at: attempt.now() } satisfies TaskDelta)
    attempt.delta(delta)
  }

/** Holds live text back until the claim is stored; there is none of a turn whose claim was refused. */
const onceClaimed = <Delta>(
  { claimed }: DirectTurn,
  pass: (delta: Delta) => void,
): ((delta: Delta) => void) => {
  const held: Delta[] = []
  let to = (delta: Delta): void => void held.push(delta)
  claimed.then(
    refused => {
      if (refused !== null) return
      for (const delta of held.splice(0)) pass(delta)
      to = pass
    },
    () => undefined, // told to whoever runs the turn
  )
  return delta => to(delta)
}

const refusals = {
  full: "lane-full",
  holding: "no-worker",
  exists: "conflict",
  absent: "not-found",
  moved: "conflict",
  unavailable: "store-unavailable",
} as const satisfies Record<DirectRefusal, FaultCode>

const refusalFault = (refused: DirectRefusal): Fault =>
  new Fault(
    refusals[refused],
    refused === "unavailable"
      ? "Redis did not answer; try again, with the same Idempotency-Key."
      : "The turn was not admitted; nothing was done.",
  )

/** With nothing sent yet the gateway may still choose another answer. */
const tellRefused = (
  stream: CallerStream,
  response: ServerResponse,
  { requestId }: DirectKnock,
  refused: DirectRefusal,
): void => {
  if (response.destroyed) return
  if (stream.begun()) stream.fail(problemOf(refusalFault(refused), requestId))
  else refuse(response, 409, { refused })
}
