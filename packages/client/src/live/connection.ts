import type { LiveMessage, LiveRequest, Problem } from "@twolane/protocol"
import { backoffMs, pause } from "../pause.ts"
import { ClientProblem, Unreachable } from "../problem.ts"
import { awayCodes, type Transport } from "../transport.ts"
import { type LiveSocket, notOurs, openSocket } from "./socket.ts"

/** A request before it has its id. */
export type LiveWish = LiveRequest extends infer One
  ? One extends LiveRequest
    ? Omit<One, "id">
    : never
  : never

/** A fast worker has the turn, whose events come after the one named. */
export type Begun = { task: string; turn: string; after: string }

/** What a caller hears of its request. */
export type Pending = {
  /** Asked each time that it is sent: a request that is sent again may know more. */
  wish: () => LiveWish
  onBegun?: (begun: Begun) => void
}

/** A socket that is opened when it is needed, and again when it breaks. */
export type Connection = {
  /** Sends a request, again after a connection that broke; resolves with its answer's body. */
  ask(pending: Pending): Promise<unknown>
  /** Sends a request over the socket that is open now, if there is one; its answer is not waited for. */
  tell(wish: LiveWish): void
  /** Opens a socket if none is open and one is needed. */
  wake(): void
}

/** What comes down beside answers, and what becomes of the connection. */
export type ConnectionEvents = {
  onEvent: (event: Extract<LiveMessage, { event: unknown }>["event"]) => void
  /** A task's events stopped, or could not be begun. */
  onStopped: (task: string, problem: Problem) => void
  /** A socket is open, the first one or another. */
  onOpen: () => void
  /** No socket could be opened for too long, or the gateway refuses us. */
  onGivenUp: (error: unknown) => void
  /** Whether anybody still waits for something. */
  isNeeded: () => boolean
}

type Asked = Pending & { resolve: (body: unknown) => void; reject: (error: unknown) => void; tries: number }

/** How often a request is sent that the gateway can't take just now. */
const maxTries = 3

/** Makes a connection; nothing is opened yet. The signal ends it. */
export const makeConnection = (
  transport: Transport,
  events: ConnectionEvents,
  patienceMs: number,
  signal: AbortSignal,
): Connection => {
  const asked = new Map<string, Asked>()
  const told = new Map<string, string>()
  let socket: LiveSocket | null = null
  let running = false

  const send = (id: string, each: Asked) => socket?.send({ ...each.wish(), id } as LiveRequest)
  const sendLater = async (id: string, each: Asked) => {
    each.tries += 1
    await pause(backoffMs(each.tries), signal)
    if (asked.has(id)) send(id, each)
  }
  const onMessage = (message: LiveMessage) => {
    if ("event" in message) return events.onEvent(message.event)
    if ("stopped" in message) return events.onStopped(message.stopped.task, message.stopped.problem)
    if ("beat" in message || message.id === null) return
    const { id } = message
    const each = asked.get(id)
    if ("begun" in message) return each?.onBegun?.(message.begun)
    if (each === undefined) return onTold(id, message)
    if ("problem" in message && awayCodes.has(message.problem.code) && each.tries < maxTries)
      return void sendLater(id, each)
    asked.delete(id)
    if ("problem" in message) each.reject(new ClientProblem(message.problem as ClientProblem["problem"]))
    else each.resolve(message.ok)
  }
  const onTold = (id: string, message: LiveMessage) => {
    const task = told.get(id)
    told.delete(id)
    if (task !== undefined && "problem" in message) events.onStopped(task, message.problem)
  }
  const failAll = (error: unknown) => {
    const all = [...asked.values()]
    asked.clear()
    for (const { reject } of all) reject(error)
    events.onGivenUp(error)
  }
  const connect = async (): Promise<number> => {
    const opened = await openSocket(transport, onMessage, signal)
    socket = opened
    told.clear()
    for (const [id, each] of asked) send(id, each)
    events.onOpen()
    const code = await opened.closed
    socket = null
    return code
  }
  const run = async () => {
    let failures = 0
    let wellAt = Date.now()
    while (!signal.aborted && (asked.size > 0 || events.isNeeded())) {
      try {
        const code = await connect()
        // What is too large stays so.
        if (code === tooLarge)
          return failAll(new Unreachable(transport.baseUrl, new Error("too large a message")))
        if (code === notOurs)
          return failAll(
            new Unreachable(transport.baseUrl, new Error("what came is no message of a gateway")),
          )
        wellAt = Date.now()
        failures = 0
      } catch (error) {
        if (!signal.aborted && (!mayPass(error) || Date.now() - wellAt > patienceMs)) return failAll(error)
      }
      await pause(backoffMs(failures), signal)
      failures += 1
    }
    if (signal.aborted) failAll(signal.reason)
  }
  const wake = () => {
    if (running || signal.aborted) return
    running = true
    void run().finally(() => {
      running = false
      if (asked.size > 0 || events.isNeeded()) wake()
    })
  }
  return {
    wake,
    ask: pending =>
      new Promise((resolve, reject) => {
        if (signal.aborted) return reject(signal.reason)
        const id = crypto.randomUUID()
        const each = { ...pending, resolve, reject, tries: 0 }
        asked.set(id, each)
        send(id, each)
        wake()
      }),
    tell: wish => {
      if (socket === null) return
      const id = crypto.randomUUID()
      if (wish.type === "subscribe") told.set(id, wish.task)
      socket.send({ ...wish, id } as LiveRequest)
    },
  }
}

const tooLarge = 1009

const mayPass = (error: unknown): boolean =>
  error instanceof Unreachable || (error instanceof ClientProblem && error.status === 503)
