import { openAuto } from "./auto.ts"
import { openChat } from "./chat.ts"
import { persist } from "./persist.ts"
import type { ModelTransport, OpenModel } from "./port.ts"
import { makePool } from "./post.ts"
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

/** An `OpenModel` with its own connections and memory of which provider speaks what. */
export const createOpenModel = (timing: Partial<ModelTiming> = {}): OpenModel => {
  const shared: Process = {
    pool: makePool(),
    timing: { ...defaultTiming, ...timing },
    withoutSocket: new Set(),
    doubts: new Map(),
    dialects: new Map(),
  }
  return endpoint => {
    const transport = transports[endpoint.transport](endpoint, shared)
    return {
      step: (request, onEvent, signal) =>
        persist(() => transport.call(request, onEvent, signal), onEvent, shared.timing, signal),
      [Symbol.asyncDispose]: () => transport[Symbol.asyncDispose](),
    }
  }
}

/** Opens a session with a lane's model, over the transport that its settings name. */
export const openModel: OpenModel = createOpenModel()
