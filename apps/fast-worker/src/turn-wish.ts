import type { IncomingMessage } from "node:http"
import { text } from "node:stream/consumers"
import { EventId, eventTypes, type NewEvent, TaskId, TurnId } from "@twolane/protocol"
import type { DirectKnock } from "@twolane/store"
import { z } from "zod"

const known: ReadonlySet<unknown> = new Set(eventTypes)

/** An event of a kind that is known here. What is in it was checked where it was decided, as for all that the store takes; time is short. */
const isEvent = (value: unknown): boolean => {
  const { type, turn, at } = Object(value) as Record<string, unknown>
  return known.has(type) && (turn === null || typeof turn === "string") && typeof at === "number"
}

const Wish = z.strictObject({
  team: z.string(),
  task: TaskId,
  turn: TurnId,
  events: z.array(z.custom<NewEvent>(isEvent)),
  last: EventId.nullable(),
  requestId: z.string(),
  onDisconnect: z.enum(["interrupt", "continue"]),
  old: z.literal(true).optional(),
})

/** Reads a gateway's request; null when it is none. The gateway has checked its size. */
export const readWish = async (request: IncomingMessage): Promise<DirectKnock | null> => {
  try {
    return Wish.parse(JSON.parse(await text(request)))
  } catch {
    return null // another version of Twolane, or none
  }
}
