import { Agent, type ClientRequest, type IncomingMessage, request } from "node:http"
import { json } from "node:stream/consumers"
import type { Actor, TaskState } from "@twolane/protocol"
import type { DirectRefusal, DirectWish, Door, TaskRef } from "@twolane/store"
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
  /**
   * Interrupts a task's turn whose stream passes through here: its worker ends the generation at once, before it is written down. Answers
   * the task then; null when there is no such turn, or its worker did not say so in time.
   */
  stop(ref: TaskRef, by: Actor): Promise<TaskState | null>
}

/** After this the interrupt goes by Redis. */
const stopWithinMs = 1_000

const Refused = z.object({
  refused: z.enum(["full", "holding", "exists", "absent", "moved", "unavailable"]).optional(),
})

/** Connects on the first call. */
export const makeKnocker = (): Knocker => {
  const agent = new Agent({ keepAlive: true, maxFreeSockets: 64 })
  const post = (door: Door, path: string) =>
    request({
      agent,
      socketPath: door.address,
      method: "POST",
      path,
      headers: { "content-type": "application/json" },
    })
  const passing = new Map<string, Door>()
  const pass = (ref: TaskRef, door: Door, stream: IncomingMessage) => {
    const key = keyOf(ref)
    passing.set(key, door)
    stream.once("close", () => {
      if (passing.get(key) === door) passing.delete(key)
    })
  }
  return {
    at: (door, knock, signal) =>
      new Promise<Opened>(resolve => {
        const sent = post(door, "/turns")
        const leave = () => sent.destroy()
        signal.addEventListener("abort", leave, { once: true })
        sent.once("close", () => signal.removeEventListener("abort", leave))
        if (signal.aborted) leave()
        // It may come more than once; the first settles.
        sent.on("error", error => resolve({ open: false, why: isAbsent(error) ? "gone" : "broken" }))
        sent.once("response", answer => {
          if (answer.statusCode === 200) {
            pass(knock, door, answer)
            return resolve({ open: true, stream: answer })
          }
          json(answer).then(
            body => resolve({ open: false, why: Refused.parse(body).refused ?? "gone" }),
            () => resolve({ open: false, why: "broken" }),
          )
        })
        sent.end(JSON.stringify(knock))
      }),
    stop: ({ team, task }, by) => {
      const door = passing.get(keyOf({ team, task }))
      return door === undefined ? Promise.resolve(null) : askToStop(post(door, "/stops"), { team, task, by })
    },
    [Symbol.dispose]: () => agent.destroy(),
  }
}

const keyOf = ({ team, task }: TaskRef): string => `${team} ${task}`

/** The worker's answer is as much to be trusted as what it writes to Redis. */
const askToStop = (sent: ClientRequest, wish: object): Promise<TaskState | null> =>
  new Promise(resolve => {
    sent.setTimeout(stopWithinMs, () => sent.destroy())
    sent.on("error", () => resolve(null))
    sent.once("response", answer => {
      json(answer).then(
        body => resolve(answer.statusCode === 200 ? (body as TaskState) : null),
        () => resolve(null),
      )
    })
    sent.end(JSON.stringify(wish))
  })

/** Nothing listens there: the worker died, and nothing reached it. */
const isAbsent = (error: Error): boolean =>
  "code" in error && (error.code === "ENOENT" || error.code === "ECONNREFUSED")
