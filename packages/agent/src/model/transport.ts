import type { Dialect } from "./dialect.ts"
import type { CallResult } from "./failure.ts"
import type { HeardLimits } from "./limits.ts"
import type { ModelEndpoint, ModelEvent, ModelRequest } from "./port.ts"
import type { Pool } from "./post.ts"
import type { ReadySockets } from "./ready-sockets.ts"
import type { Note } from "./steering.ts"
import type { ModelTiming } from "./timing.ts"

/** What all sessions of a process share: connections, times, and what was learnt about each provider. */
export type Process = {
  pool: Pool
  timing: ModelTiming
  /** Base URLs that refused the WebSocket. */
  withoutSocket: Set<string>
  /** How often in a row a socket could not be opened while plain requests worked, by base URL. */
  doubts: Map<string, number>
  /** What is spoken with a provider's model, when it is less than all. */
  dialects: Map<string, Dialect>
  /** Models (`dialectKey`) that do not take steering. */
  withoutSteering: Set<string>
  /** Sockets that are open ahead of their use, by provider and key. */
  ready: Map<string, ReadySockets>
}

/** One way to speak to one model in one session: makes a call once, and rejects only with the signal's reason. */
export type Transport = AsyncDisposable & {
  call(request: ModelRequest, onEvent: (event: ModelEvent) => void, signal: AbortSignal): Promise<CallResult>
  /** Lets the model read a conversation ahead of a call; where there is no connection to do it on, this is not there. */
  warm?(request: ModelRequest, signal: AbortSignal): Promise<void>
  /** Hands a note to the answer that is being given; false where that cannot be done. */
  steer?(note: Note): Promise<boolean>
}

/** Opens a transport; nothing is connected yet. `onLimits` hears what answers say of the provider's limits, where they have headers. */
export type OpenTransport = (
  endpoint: ModelEndpoint,
  shared: Process,
  onLimits: (limits: HeardLimits) => void,
) => Transport
