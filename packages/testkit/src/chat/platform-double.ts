import { once } from "node:events"
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { text } from "node:stream/consumers"

/** A call of a platform's API, as it came in. */
export type ApiCall = {
  at: number
  method: string
  path: string
  body: string
  contentType: string
  /** The `authorization` header. */
  as: string
}

/** What a platform answers. `hang`: the call is done, and its answer never comes; `drop`: the connection ends instead. */
export type ApiAnswer = { status?: number; headers?: Record<string, string>; json?: unknown }
export type Mishap = { instead: ApiAnswer } | { after: "hang" | "drop" }

/** A platform's API on the loopback address. */
export type ApiDouble = AsyncDisposable & {
  url: string
  calls: ApiCall[]
  /** What goes wrong with the next calls whose path has `part` in it, one after another. */
  next(part: string, ...mishaps: Mishap[]): void
}

/** Starts one; `answer` does what a call asks for. */
export const startApiDouble = async (
  answer: (call: ApiCall) => ApiAnswer | Promise<ApiAnswer>,
): Promise<ApiDouble> => {
  const calls: ApiCall[] = []
  const mishaps: { part: string; mishap: Mishap }[] = []
  const takeMishap = (path: string): Mishap | undefined => {
    const index = mishaps.findIndex(({ part }) => path.includes(part))
    return index < 0 ? undefined : mishaps.splice(index, 1)[0]?.mishap
  }
  const take = async (request: IncomingMessage, response: ServerResponse) => {
    const { method = "GET", url: path = "/", headers } = request
    const body = await text(request)
    const { "content-type": contentType = "", authorization: as = "" } = headers
    const call = { at: Date.now(), method, path, body, contentType, as }
    calls.push(call)
    const mishap = takeMishap(path)
    if (mishap !== undefined && "instead" in mishap) return send(response, mishap.instead)
    const answered = await answer(call)
    if (mishap === undefined) return send(response, answered)
    if (mishap.after === "drop") response.destroy()
  }
  const server = createServer(
    (request, response) => void take(request, response).catch(() => response.destroy()),
  )
  await once(server.listen(0, "127.0.0.1"), "listening")
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls,
    next: (part, ...more) => void mishaps.push(...more.map(mishap => ({ part, mishap }))),
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, "close")
    },
  }
}

const send = (response: ServerResponse, { status = 200, headers = {}, json = {} }: ApiAnswer): void =>
  void response
    .writeHead(status, { "content-type": "application/json", ...headers })
    .end(JSON.stringify(json))
