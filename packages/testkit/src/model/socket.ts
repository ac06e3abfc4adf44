import { once } from "node:events"
import type { Duplex } from "node:stream"
import type { RawData, WebSocket } from "ws"
import { ApiError, errorBody } from "./api-error.ts"
import { encodeEvent, encodeFrames } from "./encode.ts"
import { asApiError } from "./http.ts"
import { type Memory, makeMemory } from "./memory.ts"
import { answerRequest, type Model, remember } from "./model.ts"
import { newId } from "./planned.ts"
import { parseBody, parseJson, ResponseRequest } from "./request.ts"
import type { Item } from "./script.ts"
import { makeSteering, type Steering } from "./steering.ts"
import { streamAnswer } from "./stream.ts"

/** The service's limits of one connection. */
const maxInFlight = 16
const maxStreams = 32
const connectionMinutes = 60

/** One connection: its cache of responses, what waits in each lane, and a signal that ends with it. */
type Connection = {
  model: Model
  socket: WebSocket
  /** What the socket's frames are written to. */
  wire: Duplex
  number: number
  memory: Memory
  /** The last work of each lane (`stream_id`); requests of one lane are served one after another. */
  lanes: Map<string, Promise<void>>
  inFlight: number
  steering: Steering
  signal: AbortSignal
}

/** Serves one WebSocket until it closes. */
export const serveSocket = (model: Model, socket: WebSocket, wire: Duplex, number: number): void => {
  const gone = new AbortController()
  const connection: Connection = {
    model,
    socket,
    wire,
    number,
    memory: makeMemory(64),
    lanes: new Map(),
    inFlight: 0,
    steering: makeSteering(model.options.steering ?? "refused"),
    signal: gone.signal,
  }
  const lifetimeMs = model.options.connectionMs ?? connectionMinutes * 60_000
  const oldAge = setTimeout(() => expire(connection), lifetimeMs)
  socket.on("error", () => {}) // a close follows, and is what matters
  socket.on("close", () => {
    clearTimeout(oldAge)
    gone.abort()
  })
  socket.on("message", data => receive(connection, data))
}

const expire = (connection: Connection): void => {
  const message =
    "Responses websocket connection limit reached (60 minutes). Create a new websocket connection to continue."
  sendError(connection, new ApiError(400, message, { code: "websocket_connection_limit_reached" }))
  connection.socket.close()
}

const receive = (connection: Connection, data: RawData): void => {
  try {
    const event = parseJson(textOf(data))
    const type = typeof event === "object" && event !== null && "type" in event ? event.type : undefined
    if (type === "response.steer") connection.steering.submit(event, out => send(connection, [out]))
    else if (type === "response.create") enqueue(connection, event as Item)
    else
      throw new ApiError(400, `Unknown event type: ${String(type)}`, { code: "invalid_value", param: "type" })
  } catch (error) {
    sendError(connection, asApiError(error))
  }
}

const textOf = (data: RawData): string =>
  Array.isArray(data) ? Buffer.concat(data).toString() : Buffer.from(data as Buffer).toString()

/** Puts a request behind the others of its lane. */
const enqueue = (connection: Connection, body: Item): void => {
  const { model, lanes, number } = connection
  const settle = model.recorder.record({ transport: "websocket", body, connection: number })
  const lane = typeof body.stream_id === "string" ? body.stream_id : ""
  const tooMany = connection.inFlight >= maxInFlight || (!lanes.has(lane) && lanes.size >= maxStreams)
  if (tooMany) {
    settle("refused")
    sendError(
      connection,
      new ApiError(429, "Too many responses at once on this connection.", {
        code: "websocket_stream_limit_reached",
      }),
      lane,
    )
    return
  }
  connection.inFlight += 1
  const before = lanes.get(lane) ?? Promise.resolve()
  const work = before.then(async () => {
    settle(await serveCreate(connection, body, lane))
    connection.inFlight -= 1
  })
  lanes.set(lane, work)
}

/** Answers one `response.create`, and what steering makes follow it. Never throws. */
const serveCreate = async (
  connection: Connection,
  body: Item,
  lane: string,
): Promise<"answered" | "refused" | "cut"> => {
  const { signal, steering } = connection
  try {
    const request = parseBody(ResponseRequest, body)
    const parent = request.previous_response_id
    const queued = parent == null ? [] : steering.takePending(parent)
    const input =
      typeof request.input === "string" ? [{ role: "user", content: request.input }] : request.input
    let next: ResponseRequest | null = { ...request, input: [...queued, ...input] }
    while (next !== null) {
      const id = await serveOne(connection, next, lane)
      if (id === null) return "cut"
      const follow: Item[] = steering.takeFollowing(id)
      next =
        follow.length === 0
          ? null
          : { ...request, previous_response_id: id, input: follow as { type?: string }[] }
    }
    return "answered"
  } catch (error) {
    if (signal.aborted) return "cut"
    sendError(connection, asApiError(error), lane)
    return "refused"
  }
}

/** Streams one response; answers its id, or null when its script broke the connection. */
const serveOne = async (
  connection: Connection,
  request: ResponseRequest,
  lane: string,
): Promise<string | null> => {
  const { model, memory, steering, socket, signal } = connection
  const id = newId("resp")
  const origin = { transport: "websocket", memory, isSteered: () => steering.waits(id) } as const
  const prepared = await answerRequest(model, request, origin)
  const answer = { ...prepared.answer, id }
  steering.begin(id)
  const ending = await streamAnswer(answer, async events => send(connection, events, lane), signal)
  if ("output" in ending) {
    remember(memory, answer, prepared.items, ending)
    steering.end(id, ending.output, out => send(connection, [out], lane))
    return id
  }
  if (ending.type === "drop") socket.terminate()
  else if (!signal.aborted) await once(signal, "abort")
  return null
}

/** Sends events; resolves when the last of them has left, or cannot any more. */
const send = ({ wire }: Connection, events: readonly Item[], lane = ""): Promise<void> => {
  const named = lane === "" ? events : events.map(event => ({ ...event, stream_id: lane }))
  // Nothing is compressed, so that whole frames may be written past the library: a fast stream has hundreds in one write.
  return new Promise(resolve => wire.write(encodeFrames(named.map(encodeEvent)), () => resolve()))
}

const sendError = (connection: Connection, error: ApiError, lane = ""): void => {
  const named = lane === "" ? {} : { stream_id: lane }
  const event = {
    type: "error",
    status: error.status,
    error: errorBody(error),
    headers: error.headers,
    ...named,
  }
  connection.socket.send(JSON.stringify(event), () => {})
}
