import {
  beforeFirst,
  type EventId,
  parseEventId,
  type TaskDelta,
  type TaskEvent,
  turnOf,
} from "@twolane/protocol"
import type { TaskRef } from "@twolane/store"
import type { FastifyReply } from "fastify"
import { type Gateway, readTask } from "../gateway.ts"
import { findEvent } from "../log/find-event.ts"

/** A turn of a task. */
export type TurnRef = TaskRef & { turn: string }

/** The events of one turn from their start, then live, to its end; a task's first turn begins with the task itself. */
export async function* followTurn(
  gateway: Gateway,
  turn: TurnRef,
  signal: AbortSignal,
): AsyncGenerator<TaskEvent | TaskDelta> {
  for await (const event of gateway.store.follow(turn, await beforeTurn(gateway, turn), signal)) {
    yield event
    if (event.type === "turn.ended" && event.turn === turn.turn) return
  }
}

/** The event before a turn's first one; a task's first turn begins with the task itself. */
export const beforeTurn = async (gateway: Gateway, { turn, ...ref }: TurnRef): Promise<EventId> => {
  if ((await gateway.store.read(ref))?.turns[0]?.id === turn) return beforeFirst
  const queued = await findEvent(gateway, ref, event => event.type === "turn.queued" && event.turn === turn)
  if (queued === undefined) return beforeFirst
  const { attempt, n } = parseEventId(queued.id)
  return `${attempt}-${n - 1}`
}

/** Answers with a turn's events, as an event stream. */
export const replayTurn = (gateway: Gateway, reply: FastifyReply, turn: TurnRef): Promise<void> =>
  gateway.streams.serve(reply, "task", async stream => {
    for await (const event of followTurn(gateway, turn, stream.signal))
      await stream.send({ ...("id" in event ? { id: event.id } : {}), data: event })
  })

/** Waits until a turn has ended, or the signal did. */
export const untilTurnEnds = async (gateway: Gateway, turn: TurnRef, signal: AbortSignal): Promise<void> => {
  if (turnOf(await readTask(gateway, turn), turn.turn)?.endedAt !== undefined) return
  for await (const _event of followTurn(gateway, turn, signal)) {
    // Only its end matters.
  }
}
