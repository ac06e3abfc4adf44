import { Agent, type ClientRequest, type IncomingMessage, type OutgoingHttpHeaders, request } from "node:http"
import { Agent as TlsAgent, request as tlsRequest } from "node:https"
import type { Socket } from "node:net"
import { json } from "node:stream/consumers"
import type { FleetTls, Logger } from "@twolane/common"
import type { Actor, TaskState } from "@twolane/protocol"
import type { DirectKnock, DirectRefusal, Door, TaskRef } from "@twolane/store"
import { z } from "zod"
import { type Way, waysTo } from "./doors.ts"
import { quietMs } from "./pipe.ts"
import { openStopLine, type StopLine } from "./stop-line.ts"

/** What a worker said: it streams the turn, or refused it, or it is not there any more. Only `broken` leaves open what was done. */
export type Opened =
  | { open: true; stream: IncomingMessage }
  | { open: false; why: DirectRefusal | "gone" | "broken" }

/** The head of a knock whose text is still being made. Disposing one that was not used cuts it off. */
export type KnockAhead = Disposable & {
  readonly worker: string
  /** The request, for one knock; null when it is used or broke. */
  take(): ClientRequest | null
}

/** The gateway's way to its fast workers, over connections that are kept. */
export type Knocker = Disposable & {
  /**
   * Sends the head of a knock to a worker of this machine: it wakes up while the gateway still reads and checks what the knock will say. Null
   * for a worker elsewhere.
   */
  ahead(door: Door): KnockAhead | null
  /** The signal ends it, also while the worker has not answered yet. `ahead` is used where it is for this door. */
  at(door: Door, knock: DirectKnock, signal: AbortSignal, ahead?: KnockAhead | null): Promise<Opened>
  /**
   * Interrupts a task's turn whose stream passes through here: its worker ends the generation at once, before it is written down. Answers
   * the task then; null when there is no such turn, or its worker did not say so in time.
   */
  stop(ref: TaskRef, by: Actor): Promise<TaskState | null>
}

/** Who knocks: the machine's name, and what it proves itself with elsewhere. */
export type KnockerOptions = { host: string; tls: FleetTls; log: Logger }

/** A worker's machine that does not take a connection within this time is gone. */
const connectMs = 1_500

const Refused = z.object({
  refused: z.enum(["full", "holding", "exists", "absent", "moved", "unavailable"]).optional(),
})

const turnWish = { method: "POST", path: "/turns", headers: { "content-type": "application/json" } }
const stopLineWish = {
  method: "GET",
  path: "/stops",
  headers: { connection: "upgrade", upgrade: "twolane-stops" },
}

/** Connects on the first call. */
export const makeKnocker = ({ host, tls, log }: KnockerOptions): Knocker => {
  const near = new Agent({ keepAlive: true, maxFreeSockets: 64 })
  const far = new TlsAgent({ ...clientTls(tls), keepAlive: true, maxFreeSockets: 64, maxCachedSessions: 0 })
  const send = (way: Way, asked: { method: string; path: string; headers: OutgoingHttpHeaders }) =>
    "socketPath" in way
      ? request({ ...way, ...asked, agent: near })
      : tlsRequest({ ...way, ...asked, agent: far })
  const lines = new Map<string, StopLine>()
  const lineTo = (way: Way): StopLine => {
    const key = JSON.stringify(way)
    const kept = lines.get(key)
    if (kept !== undefined) return kept
    const line = openStopLine(send(way, stopLineWish), () => lines.delete(key))
    lines.set(key, line)
    return line
  }
  const passing = new Map<string, Way>()
  const pass = (ref: TaskRef, way: Way, stream: IncomingMessage) => {
    const key = keyOf(ref)
    passing.set(key, way)
    lineTo(way) // made before it is needed
    stream.once("close", () => {
      if (passing.get(key) === way) passing.delete(key)
    })
  }
  return {
    ahead: door => {
      const [way] = waysTo(door, host)
      return way !== undefined && "socketPath" in way ? sendAhead(door.id, send(way, turnWish)) : null
    },
    at: async (door, knock, signal, ahead) => {
      const text = JSON.stringify(knock)
      let begun = ahead?.worker === door.id ? ahead.take() : null
      let last: Opened = { open: false, why: "gone" }
      for (const way of waysTo(door, host)) {
        const sent = begun ?? send(way, turnWish)
        begun = null // it was for the first way
        last = await knockOnce(sent, text, signal, error => {
          if (!("socketPath" in way))
            log.warn({ error, worker: door.id, way }, "a fast worker was not reached")
        })
        if (last.open) pass(knock, way, last.stream)
        if (last.open || last.why !== "gone") return last
      }
      return last
    },
    stop: ({ team, task }, by) => {
      const way = passing.get(keyOf({ team, task }))
      return way === undefined ? Promise.resolve(null) : lineTo(way).stop({ team, task, by })
    },
    [Symbol.dispose]: () => {
      for (const line of lines.values()) line[Symbol.dispose]()
      near.destroy()
      far.destroy()
    },
  }
}

const keyOf = ({ team, task }: TaskRef): string => `${team} ${task}`

/** The suite has no certificates, so there is no name to check: who has the key is the worker. */
const clientTls = ({ identity, key, ...suite }: FleetTls) => ({
  ...suite,
  pskCallback: () => ({ psk: key, identity }),
  checkServerIdentity: () => undefined,
})

const sendAhead = (worker: string, sent: ClientRequest): KnockAhead => {
  let used = false
  const drop = () => void sent.destroy()
  sent.on("error", () => undefined) // whoever takes it sees it destroyed, or hears of it
  sent.once("response", drop) // a worker that answers before it was asked does not wait any more
  sent.flushHeaders()
  return {
    worker,
    take: () => {
      if (used || sent.destroyed) return null
      used = true
      sent.off("response", drop)
      return sent
    },
    [Symbol.dispose]: () => {
      if (!used) sent.destroy()
    },
  }
}

const knockOnce = (
  sent: ClientRequest,
  text: string,
  signal: AbortSignal,
  onUnreached: (error: Error) => void,
): Promise<Opened> =>
  new Promise(resolve => {
    const leave = () => sent.destroy()
    signal.addEventListener("abort", leave, { once: true })
    sent.once("close", () => signal.removeEventListener("abort", leave))
    if (signal.aborted) leave()
    const connection = watchConnection(sent)
    // It may come more than once; the first settles.
    sent.on("error", error => {
      if (connection.made()) return resolve({ open: false, why: "broken" })
      if (!signal.aborted) onUnreached(error)
      resolve({ open: false, why: "gone" })
    })
    sent.once("response", answer => {
      if (answer.statusCode === 200) return resolve({ open: true, stream: answer })
      json(answer).then(
        body => resolve({ open: false, why: Refused.parse(body).refused ?? "gone" }),
        () => resolve({ open: false, why: "broken" }),
      )
    })
    sent.end(text)
  })

/** Whether the worker can have got the request. A connection that is not made in time, or on which nothing comes any more, is ended. */
const watchConnection = (sent: ClientRequest): { made: () => boolean } => {
  let made = false
  const end = (why: string) => () => sent.destroy(new Error(why))
  const timer = setTimeout(end(`no connection within ${connectMs} ms`), connectMs)
  const onMade = () => {
    made = true
    clearTimeout(timer)
  }
  sent.once("close", () => clearTimeout(timer))
  const onSocket = (socket: Socket) => {
    if (sent.reusedSocket || !socket.connecting) return onMade()
    socket.once("encrypted" in socket ? "secureConnect" : "connect", onMade)
  }
  if (sent.socket === null) sent.once("socket", onSocket)
  else onSocket(sent.socket)
  sent.setTimeout(quietMs, end(`nothing came for ${quietMs} ms`))
  return { made: () => made }
}
