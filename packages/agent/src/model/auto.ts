import type { CallResult } from "./failure.ts"
import { openSse } from "./sse.ts"
import type { OpenTransport } from "./transport.ts"
import { openWebSocket } from "./websocket.ts"

/** How often opening a socket may fail while plain requests work, before the socket counts as refused. */
const maxDoubts = 2

/**
 * WebSocket where the provider speaks it, else SSE. A provider that refused the upgrade is not asked again by this process. After
 * a socket that could not be opened for another reason, the next try goes over SSE.
 */
export const openAuto: OpenTransport = (endpoint, shared, onLimits) => {
  const line = openWebSocket(endpoint, shared, onLimits)
  const plain = openSse(endpoint, shared, onLimits)
  const { baseUrl } = endpoint
  let doubtful = false
  const giveUp = (result: CallResult, doubts: number) => {
    if (!result.ok) return
    shared.doubts.set(baseUrl, doubts)
    if (doubts >= maxDoubts) shared.withoutSocket.add(baseUrl)
  }
  return {
    call: async (request, onEvent, signal) => {
      if (shared.withoutSocket.has(baseUrl)) return plain.call(request, onEvent, signal)
      if (!doubtful) {
        const result = await line.call(request, onEvent, signal)
        if (!("refused" in result)) {
          shared.doubts.delete(baseUrl)
          return result
        }
        if (!result.refused) {
          doubtful = result.retryable && result.code !== "model-rate-limited"
          return result
        }
      }
      const refused = !doubtful
      doubtful = false
      const result = await plain.call(request, onEvent, signal)
      giveUp(result, refused ? maxDoubts : (shared.doubts.get(baseUrl) ?? 0) + 1)
      return result
    },
    warm: async (request, signal) => {
      if (!doubtful && !shared.withoutSocket.has(baseUrl)) await line.warm?.(request, signal)
    },
    // Where the socket is not spoken, it has no answer to steer.
    steer: note => line.steer?.(note) ?? Promise.resolve(false),
    [Symbol.asyncDispose]: async () => {
      await line[Symbol.asyncDispose]()
      await plain[Symbol.asyncDispose]()
    },
  }
}
