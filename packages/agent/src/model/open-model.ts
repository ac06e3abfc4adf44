import { admit, tokensOf } from "./admit.ts"
import { openAuto } from "./auto.ts"
import { openChat } from "./chat.ts"
import { persist } from "./persist.ts"
import type { ModelEndpoint, ModelTransport, OpenModel } from "./port.ts"
import { makePool } from "./post.ts"
import { openGate } from "./rate-gate.ts"
import { keepReadySockets, readyKey } from "./ready-sockets.ts"
import { openSse } from "./sse.ts"
import { defaultTiming, type ModelTiming } from "./timing.ts"
import type { OpenTransport, Process } from "./transport.ts"
import { openWebSocket } from "./websocket.ts"

const transports: Record<ModelTransport, OpenTransport> = {
  websocket: openWebSocket,
  sse: openSse,
  chat: openChat,
  auto: openAuto,
}

/** The models of one process: sessions with them, and what is kept ready for these. */
export type Models = {
  open: OpenModel
  /**
   * Keeps `count` sockets to an endpoint's provider open ahead of their use: a new session, and one whose socket an interrupt has
   * closed, begins without a handshake. Nothing is kept where sockets are not spoken. Disposing closes them.
   */
  keepReady: (endpoint: ModelEndpoint, count: number) => AsyncDisposable
}

/** Models with their own connections and memory of which provider speaks what. */
export const createModels = (timing: Partial<ModelTiming> = {}): Models => {
  const shared: Process = {
    pool: makePool(),
    timing: { ...defaultTiming, ...timing },
    withoutSocket: new Set(),
    doubts: new Map(),
    dialects: new Map(),
    withoutSteering: new Set(),
    ready: new Map(),
  }
  const { timing: times } = shared
  const open: OpenModel = (endpoint, gate = openGate) => {
    const transport = transports[endpoint.transport](endpoint, shared, limits => gate.learn(limits))
    return {
      step: (request, onEvent, signal) => {
        const call = () => transport.call(request, onEvent, signal)
        const admitted = () => admit({ gate, request, timing: times, onEvent }, call, signal)
        return persist(admitted, onEvent, times, signal)
      },
      warm: async (request, signal) => {
        // What nobody waits for takes nothing from those who do.
        if (gate.hasRoom({ tokens: () => tokensOf(request) })) await transport.warm?.(request, signal)
      },
      steer: note => transport.steer?.(note) ?? Promise.resolve(false),
      [Symbol.asyncDispose]: () => transport[Symbol.asyncDispose](),
    }
  }
  return { open, keepReady: (endpoint, count) => keepReady(shared, endpoint, count) }
}

const keepReady = (shared: Process, endpoint: ModelEndpoint, count: number): AsyncDisposable => {
  const { transport, baseUrl } = endpoint
  const speaks = transport === "websocket" || (transport === "auto" && !shared.withoutSocket.has(baseUrl))
  if (!speaks) return { [Symbol.asyncDispose]: async () => undefined }
  const sockets = keepReadySockets(endpoint, shared.timing, count)
  const key = readyKey(endpoint)
  shared.ready.set(key, sockets)
  return {
    [Symbol.asyncDispose]: async () => {
      if (shared.ready.get(key) === sockets) shared.ready.delete(key)
      await sockets[Symbol.asyncDispose]()
    },
  }
}

/** An `OpenModel` with its own connections and memory of which provider speaks what. */
export const createOpenModel = (timing: Partial<ModelTiming> = {}): OpenModel => createModels(timing).open

const models = createModels()
/** Opens a session with a lane's model, over the transport that its settings name. */
export const openModel: OpenModel = models.open
/** Keeps sockets to a lane's model ready, for the sessions of `openModel`. */
export const keepModelReady: Models["keepReady"] = models.keepReady
