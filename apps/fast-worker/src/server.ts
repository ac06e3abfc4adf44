import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import type { WorkerHandle } from "@twolane/store"
import type { FastDeps } from "./fast-deps.ts"
import { refuse } from "./refuse.ts"
import { serveTurn } from "./serve-turn.ts"
import { keepStops, type Stops } from "./stops.ts"
import { readWish, type TurnWish } from "./turn-wish.ts"

/** How long a gateway may take to read the last of its streams. */
const lastBytesMs = 1_000

/**
 * Listens for turns on a unix socket: `POST /turns` answers the turn's event stream, byte for byte as its caller gets it, or 409 with a
 * `Refusal`; `POST /stops` interrupts one that runs here. Disposing it ends the streams whose turns wait or went elsewhere.
 */
export const listenForTurns = async (
  deps: FastDeps,
  handle: WorkerHandle,
  socket: string,
): Promise<AsyncDisposable> => {
  const stop = new AbortController()
  const answers = new Set<Promise<void>>()
  const stops = keepStops()
  const server = createServer((request, response) => {
    const answered = answer({ deps, handle, stops, stopping: stop.signal }, request, response)
      .catch((error: unknown) => {
        deps.log.error({ error }, "a direct turn broke off")
        response.destroy()
      })
      .finally(() => answers.delete(answered))
    answers.add(answered)
  })
  // A gateway keeps its connections open; a stream ends with its turn.
  server.keepAliveTimeout = 60_000
  server.requestTimeout = 10_000
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject)
    server.listen(socket, resolve)
  })
  return {
    [Symbol.asyncDispose]: async () => {
      stop.abort({ by: "shutdown" })
      const closed = new Promise(resolve => server.close(resolve))
      await Promise.allSettled(answers)
      // A gateway's kept connection is idle once it has read its stream's end.
      const closing = setInterval(() => server.closeIdleConnections(), 10)
      const late = setTimeout(() => server.closeAllConnections(), lastBytesMs)
      await closed
      clearInterval(closing)
      clearTimeout(late)
    },
  }
}

type Parts = { deps: FastDeps; handle: WorkerHandle; stops: Stops; stopping: AbortSignal }

const answer = async (
  { deps, handle, stops, stopping }: Parts,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> => {
  if (request.method === "POST" && request.url === "/stops") return stops.answer(request, response)
  if (request.method !== "POST" || request.url !== "/turns") return refuse(response, 404, {})
  const wish: TurnWish | null = await readWish(request)
  if (wish === null) return refuse(response, 400, {})
  const turn = await handle.claim(wish)
  if ("refused" in turn) return refuse(response, 409, turn)
  await serveTurn({ deps, wish, response, stops }, turn, stopping)
}
