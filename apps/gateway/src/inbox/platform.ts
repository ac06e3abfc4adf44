import type { IncomingHttpHeaders } from "node:http"
import type { Received } from "@twolane/store"

/** What a request of a platform is, once its signature is known to be good. */
export type Verified = {
  /** The platform's id of the delivery, and the conversation that it belongs to; absent: it is answered, and nothing is kept (a ping). */
  keep?: { id: string; conversation: string }
  /** What the platform wants to read at once; nothing, with 202, by default. */
  answer?: { status: number; body: unknown }
}

/** Deliveries of one name in the inbox, and what is done with them. */
export type InboxWork = {
  name: string
  /**
   * Does what a delivery asks for. It may run again after a crash at any point, so whatever it makes has an id that follows from the
   * delivery. A `Postponed` is tried again when the platform wants it; anything else that it throws is tried five times.
   */
  handle(delivery: Received, signal: AbortSignal): Promise<void>
}

/**
 * A service that sends us signed requests to `/integrations/<name>`. What it sends is kept before it is answered, and then worked here:
 * once, in the order of its conversation, again after a crash.
 */
export type Platform = InboxWork & {
  /** More is refused with 413. */
  maxBodyBytes: number
  /**
   * Checks a request by its raw bytes, before anything else is done with it.
   * @throws Fault unauthorized for a signature that is missing, wrong or too old; whatever else it throws is answered as well
   */
  verify(headers: IncomingHttpHeaders, raw: Buffer, now: number): Verified | Promise<Verified>
}
