import { Agent, type IncomingMessage, request } from "node:http"
import { json } from "node:stream/consumers"
import type { DirectRefusal, DirectWish, Door } from "@twolane/store"
import { z } from "zod"

/** A turn as it goes to a worker. */
export type Knock = DirectWish & { requestId: string; onDisconnect: "interrupt" | "continue" }

/** What a worker said: it streams the turn, or refused it, or it is not there any more. Only `broken` leaves open what was done. */
export type Opened =
  | { open: true; stream: IncomingMessage }
  | { open: false; why: DirectRefusal | "gone" | "broken" }

/** The gateway's way to its fast workers, over connections that are kept. */
export type Knocker = Disposable & {
  /** The signal ends it, also while the worker has not answered yet. */
  at(door: Door, knock: Knock, signal: AbortSignal): Promise<Opened>
}

const Refused = z.object({
  refused: z.enum(["full", "holding", "exists", "absent", "moved", "unavailable"]).optional(),
})

/** Connects on the first call. */
export const makeKnocker = (): Knocker => {
  const agent = new Agent({ keepAlive: true, maxFreeSockets: 64 })
  return {
    at: (door, knock, signal) =>
      new Promise<Opened>(resolve => {
        const sent = request({
          agent,
          socketPath: door.address,
          method: "POST",
          path: "/turns",
          headers: { "content-type": "application/json" },
        })
        const leave = () => sent.destroy()
        signal.addEventListener("abort", leave, { once: true })
        sent.once("close", () => signal.removeEventListener("abort", leave))
        if (signal.aborted) leave()
        // It may come more than once; the first settles.
        sent.on("error", error => resolve({ open: false, why: isAbsent(error) ? "gone" : "broken" }))
        sent.once("response", answer => {
          if (answer.statusCode === 200) return resolve({ open: true, stream: answer })
          json(answer).then(
            body => resolve({ open: false, why: Refused.parse(body).refused ?? "gone" }),
            () => resolve({ open: false, why: "broken" }),
          )
        })
        sent.end(JSON.stringify(knock))
      }),
    [Symbol.dispose]: () => agent.destroy(),
  }
}

/** Nothing listens there: the worker died, and nothing reached it. */
const isAbsent = (error: Error): boolean =>
  "code" in error && (error.code === "ENOENT" || error.code === "ECONNREFUSED")
