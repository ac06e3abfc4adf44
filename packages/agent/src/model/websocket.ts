import { isDeepStrictEqual } from "node:util"
import { orAborted } from "@twolane/common/lifetime"
import type { TranscriptItem } from "@twolane/protocol"
import { responseBody } from "./body.ts"
import type { Dialect } from "./dialect.ts"
import { broken, type CallResult } from "./failure.ts"
import { oneAnswer } from "./one-answer.ts"
import type { ModelEvent, ModelRequest } from "./port.ts"
import { readyKey } from "./ready-sockets.ts"
import { parseEvent, type Reply } from "./reply.ts"
import { callResponses } from "./responses.ts"
import { openSocket, type Socket, type SocketFailure } from "./socket.ts"
import type { OpenTransport, Process, Transport } from "./transport.ts"

/** What the connection remembers: its last response, and the conversation that it stands for. */
type Known = { id: string; items: readonly TranscriptItem[] }

/** One call about to be made. */
type Asked = { request: ModelRequest; dialect: Dialect; reply: Reply; line: Socket; ahead: boolean }

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
  let socket: Socket | null = null
  let known: Known | null = null
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

  const exchange = async (asked: Asked, parent: Known | null, signal: AbortSignal) => {
    const { request, dialect, reply, line } = asked
    const news = request.context.slice(parent?.items.length ?? 0)
    const create = {
      type: "response.create",
      ...responseBody(endpoint.model, request, news, dialect),
      ...(parent === null ? {} : { previous_response_id: parent.id }),
      ...(asked.ahead ? { generate: false } : {}),
    }
    const result = await onSocket(line, JSON.stringify(create), reply, shared, signal)
    // Its cache holds whole answers only, and forgets the parent of one that failed.
    const id = result.ok && result.incomplete === undefined ? reply.id() : null
    known = id === null || !result.ok ? null : { id, items: [...request.context, ...result.items] }
    if (!result.ok && isOver(result)) drop()
    return result
  }

  const speak = async (
    request: ModelRequest,
    onEvent: (event: ModelEvent) => void,
    ahead: boolean,
    signal: AbortSignal,
  ): Promise<CallResult | SocketFailure> => {
    try {
      const opened = await ready(signal)
      if (!opened.ok) return opened
      return await callResponses(endpoint, shared, request, onEvent, async (dialect, reply) => {
        const asked = { request, dialect, reply, line: opened.socket, ahead }
        const parent = known !== null && isContinued(request.context, known.items) ? known : null
        const result = await exchange(asked, parent, signal)
        const forgotten = !result.ok && result.said?.code === "previous_response_not_found"
        return forgotten && parent !== null ? exchange(asked, null, signal) : result
      })
    } catch (error) {
      drop()
      throw error
    }
  }

  // One at a time: a step that comes while the conversation is read ahead goes on from there.
  let warming: Promise<unknown> = Promise.resolve()
  return {
    call: async (request, onEvent, signal) => {
      await orAborted(warming, signal)
      return speak(request, onEvent, false, signal)
    },
    warm: async (request, signal) => {
      const read = orAborted(warming, signal).then(() => speak(request, () => undefined, true, signal))
      warming = read.catch(() => undefined)
      await read
    },
    [Symbol.asyncDispose]: async () => drop(),
  }
}

/** Whether a conversation begins with exactly the items that the connection knows. */
const isContinued = (context: readonly TranscriptItem[], known: readonly TranscriptItem[]): boolean =>
  context.length > known.length &&
  // What was made anew from the Transcript is the same when it says the same.
  known.every((item, index) => context[index] === item || isDeepStrictEqual(context[index], item))

/** Errors after which the connection is of no more use. */
const isOver = (result: CallResult): boolean =>
  !result.ok && (result.said === undefined || result.said.code === "websocket_connection_limit_reached")

/** Sends one request and reads to the event that ends its answer. A hard interrupt is the end of the socket. */
const onSocket = (
  line: Socket,
  text: string,
  reply: Reply,
  { timing }: Process,
  signal: AbortSignal,
): Promise<CallResult> =>
  oneAnswer(
    timing.firstByteMs,
    hands => {
      let begun = false
      const settle = (result: CallResult) => {
        line.listen(null)
        hands.settle(result)
      }
      line.listen({
        onText: frame => {
          if (begun) hands.heard()
          else hands.bear(timing.idleMs)
          begun = true
          const event = parseEvent(frame)
          const result = event === null ? null : reply.accept(event)
          if (result !== null) settle(result)
        },
        onClosed: why => settle(broken(why)),
      })
      if (line.isOpen()) line.send(text)
      else settle({ ...broken("the socket was closed meanwhile"), retryAfterMs: 0 })
      return () => line.terminate()
    },
    signal,
  )
