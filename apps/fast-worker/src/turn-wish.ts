import type { IncomingMessage } from "node:http"
import { text } from "node:stream/consumers"
import { EventBody, EventId, TaskId, TurnId } from "@twolane/protocol"
import type { DirectWish } from "@twolane/store"
import { z } from "zod"

const Wish = z.strictObject({
  team: z.string(),
  task: TaskId,
  turn: TurnId,
  events: z.array(z.intersection(z.looseObject({ turn: z.string().nullable(), at: z.number() }), EventBody)),
  last: EventId.nullable(),
  /** Of the caller's request, for the problem document. */
  requestId: z.string(),
  onDisconnect: z.enum(["interrupt", "continue"]),
})

/** A turn as a gateway sends it. */
export type TurnWish = DirectWish & { requestId: string; onDisconnect: "interrupt" | "continue" }

/** Reads a gateway's request; null when it is none. The gateway has checked its size. */
export const readWish = async (request: IncomingMessage): Promise<TurnWish | null> => {
  try {
    return Wish.parse(JSON.parse(await text(request)))
  } catch {
    return null // another version of Twolane, or none
  }
}
