import { isDeepStrictEqual } from "node:util"
import { orAborted } from "@twolane/common/lifetime"
import type { TranscriptItem } from "@twolane/protocol"
import { isCall } from "../items.ts"
import { responseBody } from "./body.ts"
import type { Dialect } from "./dialect.ts"
import type { CallResult } from "./failure.ts"
import { type Beginning, type Rest, readAnswer } from "./line-answer.ts"
import type { ModelEvent, ModelRequest } from "./port.ts"
import { readyKey } from "./ready-sockets.ts"
import type { Reply } from "./reply.ts"
import { callResponses, dialectKey } from "./responses.ts"
import { openSocket, type Socket, type SocketFailure } from "./socket.ts"
import { makeSteering, type Steering } from "./steering.ts"
import type { OpenTransport, Transport } from "./transport.ts"

/** What the connection remembers: its last response, and the conversation that it stands for. */
type Known = { id: string; items: readonly TranscriptItem[]; tail: Tail | null }

/**
 * What steering left behind an answer: notes that the service holds. They are applied by the answer that follows by itself, or, when
 * calls are owed their results, before these.
 */
type Tail = { steering: Steering; rest: Rest; owed: boolean }

/** One call about to be made. */
type Asked = { request: ModelRequest; dialect: Dialect; reply: Reply; line: Socket; ahead: boolean }

/** How a call goes on from what is known: after a parent, with the items that are new; or as the answer that comes by itself. */
type Way = { parent: string | null; news: readonly TranscriptItem[] } | { after: Rest }

/** A transport whose calls may also fail because no socket could be opened. */
type SocketTransport = Omit<Transport, "call"> & {
  call(...args: Parameters<Transport["call"]>): Promise<CallResult | SocketFailure>
}

/**
 * The Responses API over a WebSocket of the session's own. Each call names the response before it and sends only what came since;
 * the whole conversation goes out when the connection is new, when its start was changed, or when the service forgot.
 */
export const openWebSocket = (...[endpoint, shared]: Parameters<OpenTransport>): SocketTransport => {
  const { timing } = shared
  const steered = dialectKey(endpoint)
  let socket: Socket | null = null
  let known: Known | null = null
  let running: Steering | null = null
  const drop = () => {
    socket?.terminate()
    socket = null
    known = null
  }
  const ready = async (signal: AbortSignal) => {
    if (socket?.isOpen() === true && performance.now() - socket.openedAt < timing.socketAgeMs)
      return { ok: true, socket } as const
    drop()
    const kept = shared.ready.get(readyKey(endpoint))?.take() ?? null
    const opened =
      kept === null ? await openSocket(endpoint, timing, signal) : ({ ok: true, socket: kept } as const)
    if (opened.ok) socket = opened.socket
    return opened
  }

  const exchange = async (asked: Asked, way: Way, signal: AbortSignal): Promise<CallResult> => {
    const { request, reply, line, ahead } = asked
    const rest: Rest = { events: [], closed: false }
    const steering = makeSteering({
      send: text => line.send(text),
      answerMs: timing.steerMs,
      onUnsupported: () => shared.withoutSteering.add(steered),
    })
    running = ahead || shared.withoutSteering.has(steered) ? null : steering
    try {
      const beginning: Beginning =
        "after" in way ? way : { request: JSON.stringify(createEvent(endpoint.model, asked, way)) }
      const result = await readAnswer({ line, reply, steering, timing }, beginning, rest, signal)
      known = knownAfter(request, result, reply, { steering, rest })
      if (isOver(result) || !steering.isSound()) drop()
      const taken = steering.held().map(({ key }) => key)
      return result.ok && taken.length > 0 ? { ...result, taken } : result
    } finally {
      running = null
      steering.lose()
    }
  }

  const speak = async (
    request: ModelRequest,
    onEvent: (event: ModelEvent) => void,
    ahead: boolean,
    signal: AbortSignal,
  ): Promise<CallResult | SocketFailure> => {
    try {
      // The service holds what this conversation does not go on with: a new connection holds nothing.
      if (known?.tail != null && wayOf(known, request.context) === null) drop()
      const opened = await ready(signal)
      if (!opened.ok) return opened
      return await callResponses(endpoint, shared, request, onEvent, async (dialect, reply) => {
        const asked = { request, dialect, reply, line: opened.socket, ahead }
        const whole = { parent: null, news: request.context }
        const way = (known === null ? null : wayOf(known, request.context)) ?? whole
        const result = await exchange(asked, way, signal)
        const forgotten = !result.ok && result.said?.code === "previous_response_not_found"
        return forgotten && way !== whole ? exchange(asked, whole, signal) : result
      })
    } catch (error) {
      drop()
      throw error
    }
  }

  // One at a time: a step that comes while the conversation is read ahead goes on from there.
  let warming: Promise<unknown> = Promise.resolve()
  const over = new AbortController()
  return {
    call: async (request, onEvent, signal) => {
      await orAborted(warming, signal)
      return speak(request, onEvent, false, signal)
    },
    warm: async (request, signal) => {
      if (known?.tail != null) return // it goes on by itself
      const within = AbortSignal.any([signal, over.signal])
      const read = orAborted(warming, within).then(() => speak(request, () => undefined, true, within))
      warming = read.catch(() => undefined)
      await read
    },
    steer: note => running?.offer(note) ?? Promise.resolve(false),
    [Symbol.asyncDispose]: async () => {
      over.abort({ by: "shutdown" })
      drop()
    },
  }
}

const createEvent = (
  model: string,
  { request, dialect, ahead }: Asked,
  { parent, news }: Exclude<Way, { after: Rest }>,
) => ({
  type: "response.create",
  ...responseBody(model, request, news, dialect),
  ...(parent === null ? {} : { previous_response_id: parent }),
  ...(ahead ? { generate: false } : {}),
})

/** Its cache holds whole answers and steered ones, and forgets the parent of one that failed. */
const knownAfter = (
  request: ModelRequest,
  result: CallResult,
  reply: Reply,
  { steering, rest }: Omit<Tail, "owed">,
): Known | null => {
  const id = reply.id()
  if (id === null || !result.ok) return null
  const held = steering.held().length > 0
  if (result.incomplete !== undefined && !(result.incomplete === "steered" && held)) return null
  const tail = held ? { steering, rest, owed: result.items.some(isCall) } : null
  return { id, items: [...request.context, ...result.items], tail }
}

/** How a conversation goes on from what is known; null when it does not. */
const wayOf = ({ id, items, tail }: Known, context: readonly TranscriptItem[]): Way | null => {
  if (!isContinued(context, items)) return null
  const news = context.slice(items.length)
  if (tail === null) return { parent: id, news }
  const held = tail.steering.held().map(({ item }) => item)
  if (!tail.steering.isSound() || tail.rest.closed || !begins(news, held)) return null
  if (tail.owed) return news.length > held.length ? { parent: id, news: news.slice(held.length) } : null
  return news.length === held.length ? { after: tail.rest } : null
}

const isContinued = (context: readonly TranscriptItem[], known: readonly TranscriptItem[]): boolean =>
  context.length > known.length && begins(context, known)

/** Whether items begin with exactly these. What was made anew from the Transcript is the same when it says the same. */
const begins = (items: readonly TranscriptItem[], first: readonly TranscriptItem[]): boolean =>
  first.every((item, index) => items[index] === item || isDeepStrictEqual(items[index], item))

/** Errors after which the connection is of no more use. */
const isOver = (result: CallResult): boolean =>
  !result.ok && (result.said === undefined || result.said.code === "websocket_connection_limit_reached")
