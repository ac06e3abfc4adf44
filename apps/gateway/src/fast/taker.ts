import { AsyncLocalStorage } from "node:async_hooks"
import type { Problem } from "@twolane/protocol"
import type { TurnRef } from "./replay.ts"
import type { Streaming } from "./run-turn.ts"

/** A fast turn with its worker's stream; null when an earlier try of the same request began it. */
export type BegunTurn = { ref: TurnRef; begun: Streaming | null; goOn: boolean }

/** Reads a turn's stream to its end, and answers the problem that it ended with. */
export type Taker = (turn: BegunTurn) => Promise<Problem | null>

const takers = new AsyncLocalStorage<Taker>()

/**
 * Runs a request of our own, whose fast turn is read by `taker`: it is answered as to a caller who asks for no stream, while the taker
 * has the worker's bytes themselves.
 */
export const takingTurns = <Answer>(taker: Taker, act: () => Promise<Answer>): Promise<Answer> =>
  takers.run(taker, act)

/** Who reads the stream of the request that is being answered, when it is not its own caller. */
export const currentTaker = (): Taker | undefined => takers.getStore()
