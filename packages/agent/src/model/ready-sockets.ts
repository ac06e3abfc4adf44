import { sleep } from "@twolane/common/lifetime"
import type { ModelEndpoint } from "./port.ts"
import { openSocket, type Socket } from "./socket.ts"
import type { ModelTiming } from "./timing.ts"

/** Open sockets that nobody uses yet: whoever needs one has it without a handshake. Disposing closes those that are left. */
export type ReadySockets = AsyncDisposable & {
  /** One that is open, now no longer kept here; null when there is none. Another one is opened in its place. */
  take(): Socket | null
}

const hastyMs = 5_000

/** Sessions with the same provider and key share what is kept ready. */
export const readyKey = ({ baseUrl, apiKey }: ModelEndpoint): string => `${baseUrl} ${apiKey}`

/** Keeps `count` sockets ready. A provider that refuses sockets is not asked again; one that is out of reach is, with patience. */
export const keepReadySockets = (
  endpoint: ModelEndpoint,
  timing: ModelTiming,
  count: number,
): ReadySockets => {
  const over = new AbortController()
  const idle = new Set<Socket>()
  let opening = 0
  let refused = false

  const fill = (): void => {
    while (!over.signal.aborted && !refused && idle.size + opening < count) begin(open)
  }
  const begin = (work: () => Promise<void>): void => {
    opening += 1
    const begun = work().finally(() => {
      opening -= 1
      fill()
    })
    begun.catch(() => undefined) // the end of it all
  }
  const open = async (): Promise<void> => {
    const result = await openSocket(endpoint, timing, over.signal)
    if (result.ok) return keep(result.socket)
    refused = result.refused
    if (!refused) await sleep(Math.max(result.retryAfterMs ?? 0, timing.maxWaitMs), over.signal)
  }
  const keep = (socket: Socket): void => {
    idle.add(socket)
    socket.listen({
      onText: () => undefined, // the service says why it is about to close
      onClosed: () => {
        idle.delete(socket)
        // One that is closed as soon as it stands is not opened again in a circle.
        if (performance.now() - socket.openedAt < hastyMs) begin(() => sleep(timing.maxWaitMs, over.signal))
        else fill()
      },
    })
  }
  fill()
  return {
    take: () => {
      for (const socket of idle) {
        idle.delete(socket)
        socket.listen(null)
        if (socket.isOpen() && performance.now() - socket.openedAt < timing.socketAgeMs) {
          fill()
          return socket
        }
        socket.terminate()
      }
      fill()
      return null
    },
    [Symbol.asyncDispose]: async () => {
      over.abort({ by: "shutdown" })
      for (const socket of idle) {
        socket.listen(null)
        socket.terminate()
      }
      idle.clear()
    },
  }
}
