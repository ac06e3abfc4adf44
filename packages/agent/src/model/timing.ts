/** How long a model is waited for, and how often it is asked again. */
export type ModelTiming = {
  /** Until a connection stands. */
  connectMs: number
  /** From the request to the first byte of the answer. */
  firstByteMs: number
  /** Between two bytes of an answer; models may think in silence for minutes. */
  idleMs: number
  /** How often one call is made in all. */
  attempts: number
  /** The wait after the first failure; it doubles each time, up to `maxWaitMs`. */
  baseWaitMs: number
  maxWaitMs: number
  /** How long after the first failure a further try may begin. */
  patienceMs: number
  /** A socket is left before the service closes it at 60 minutes. */
  socketAgeMs: number
  /** How long the answer to a steering note may take, and the beginning of the answer that follows it by itself. */
  steerMs: number
  followMs: number
  /** How often a socket is asked whether the other side is still there. */
  pingMs: number
}

/** The times in use; a whole call that hangs ends below the ten minutes after which a turn counts as stalled. */
export const defaultTiming: ModelTiming = {
  connectMs: 15_000,
  firstByteMs: 120_000,
  idleMs: 240_000,
  attempts: 4,
  baseWaitMs: 1_000,
  maxWaitMs: 15_000,
  patienceMs: 60_000,
  socketAgeMs: 55 * 60_000,
  steerMs: 2_000,
  followMs: 15_000,
  pingMs: 20_000,
}
