import { once } from "node:events"
import { WebSocket } from "ws"
import type { ModelServer } from "../../src/model/start-model.ts"

/** An event or answer of the API, read loosely. */
export type Wire = Record<string, unknown> & { type?: string }

/** Posts JSON; answers status, headers and parsed body. */
export const post = async (
  server: ModelServer,
  path: string,
  body: unknown,
  headers: Record<string, string> = {},
): Promise<{ status: number; headers: Headers; body: Wire }> => {
  const sent = typeof body === "string" ? body : JSON.stringify(body)
  const response = await fetch(`${server.url}${path}`, { method: "POST", body: sent, headers })
  return { status: response.status, headers: response.headers, body: (await response.json()) as Wire }
}

/** Posts JSON and reads the event stream to its end; each frame's name and data. */
export const stream = async (server: ModelServer, path: string, body: object): Promise<Wire[]> => {
  const response = await fetch(`${server.url}${path}`, {
    method: "POST",
    body: JSON.stringify({ ...body, stream: true }),
  })
  const text = await response.text()
  return text
    .split("\n\n")
    .filter(frame => frame !== "")
    .map(frame => {
      const data = frame.slice(frame.indexOf("data: ") + 6)
      return data === "[DONE]" ? { type: data } : (JSON.parse(data) as Wire)
    })
}

/** A socket to the model that keeps what it is sent. */
export type Line = AsyncDisposable & {
  send(event: object): void
  /** The next event that fits, those kept already included; each is given once. */
  next(fits?: (event: Wire) => boolean): Promise<Wire>
  /** All events up to the first of a type. */
  until(type: string): Promise<Wire[]>
  closed: Promise<unknown>
}

/** Connects a socket. */
export const connect = async (server: ModelServer): Promise<Line> => {
  const socket = new WebSocket(`${server.url.replace("http", "ws")}/responses`)
  const closed = once(socket, "close")
  const kept: Wire[] = []
  let wake = () => {}
  socket.on("error", () => {})
  socket.on("message", data => {
    kept.push(JSON.parse(Buffer.from(data as Buffer).toString()) as Wire)
    wake()
  })
  await once(socket, "open")
  const next = async (fits: (event: Wire) => boolean = () => true): Promise<Wire> => {
    for (;;) {
      const at = kept.findIndex(fits)
      const [found] = at === -1 ? [] : kept.splice(at, 1)
      if (found !== undefined) return found
      await new Promise<void>(resolve => {
        wake = resolve
      })
    }
  }
  const until = async (type: string): Promise<Wire[]> => {
    const events: Wire[] = []
    do events.push(await next())
    while (events.at(-1)?.type !== type)
    return events
  }
  return {
    send: event => socket.send(JSON.stringify(event)),
    next,
    until,
    closed,
    [Symbol.asyncDispose]: async () => {
      socket.terminate()
      await closed
    },
  }
}
