import type { HeardLimits } from "./limits.ts"
import type { ModelEndpoint, ModelFailure } from "./port.ts"

/** A wait for a provider's limits, in words and with its longest duration. */
export type RateWait = { detail: string; atMostMs: number }

/** A call that is let through; `leave` says that it has ended. */
export type RatePass = { ok: true; leave(): void }
export type RateRefusal = { ok: false; code: ModelFailure; detail: string; retryAfterMs: number }

/** What one lane knows of the limits of one provider and key, and who may call it now. */
export type RateGate = {
  /**
   * Waits until a call may be made: not at all while there is room, and never for long. `tokens` (input, and the output that it asks
   * for) is looked at only where tokens are counted. Rejects with the signal's reason.
   */
  enter(
    call: { tokens: () => number },
    onWait: (wait: RateWait) => void,
    signal: AbortSignal,
  ): Promise<RatePass | RateRefusal>
  /** Whether a call could be made now without waiting; it takes nothing. */
  hasRoom(call: { tokens: () => number }): boolean
  /** An answer said something of the limits. */
  learn(limits: HeardLimits): void
  /** The provider refused a call, and asked to be left alone for so long. */
  block(forMs: number): void
}

/** Gives the gate of an endpoint. */
export type RateGates = { gateOf(endpoint: ModelEndpoint): RateGate }

/** No limits are known, and none are looked after. */
export const openGate: RateGate = {
  enter: async () => ({ ok: true, leave: () => undefined }),
  hasRoom: () => true,
  learn: () => undefined,
  block: () => undefined,
}
