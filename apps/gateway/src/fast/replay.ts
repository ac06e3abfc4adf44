import { beforeFirst, type TaskDelta, type TaskEvent, turnOf } from "@twolane/protocol"
import type { TaskRef } from "@twolane/store"
import type { FastifyReply } from "fastify"
import { type Gateway, readTask } from "../gateway.ts"

/** A turn of a task. */
export type TurnRef = TaskRef & { turn: string }

/** The events of one turn from their start, then live, to its end; a task's first turn begins with the task itself. */
export async function* followTurn(
  { store }: Gateway,
  { turn, ...ref }: TurnRef,
  signal: AbortSignal,
): AsyncGenerator<TaskEvent | TaskDelta> {
  let begun = false
  for await (const event of store.follow(ref, beforeFirst, signal)) {
    if (event.type === "task.created" && (await isFirst(store, ref, turn))) begun = true
    if (event.type === "turn.queued" && event.turn === turn) begun = true
    if (!begun) continue
    yield event
    if (event.type === "turn.ended" && event.turn === turn) return
  }
}

const isFirst = async (store: Gateway["store"], ref: TaskRef, turn: string): Promise<boolean> =>
  (await store.read(ref))?.turns[0]?.id === turn

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
