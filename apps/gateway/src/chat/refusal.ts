import type { Markup } from "@twolane/chat"
import { Fault } from "@twolane/protocol"
import { Refused } from "../inside/asking.ts"

/** What a request did, or why it was refused, in words. */
export type Answered<Result> = { done: Result } | { refused: string; code: string }

/** Refusals that pass without anybody doing something: the delivery comes again instead of being answered. */
const passing: ReadonlySet<string> = new Set(["store-unavailable", "shutting-down", "idempotency-running"])

/**
 * Asks for something, and gives a refusal as words for whoever wanted it.
 * @throws Fault store-unavailable for what another try may do
 */
export const orRefusal = async <Result>(
  markup: Markup,
  act: () => Promise<Result>,
): Promise<Answered<Result>> => {
  try {
    return { done: await act() }
  } catch (error) {
    if (!(error instanceof Refused)) throw error
    const {
      code,
      title,
      detail,
      errors = [],
      needs,
    } = error.problem as typeof error.problem & { needs?: unknown }
    // A fault of ours is tried again a few times, and not for a day.
    if (code === "internal") throw error
    if (passing.has(code)) throw new Fault("store-unavailable", `${title}: ${detail}`, { cause: error })
    const places = errors.map(({ path, message }) => `\n• ${markup.text(`${path}: ${message}`)}`).join("")
    const role = typeof needs === "string" ? ` Ask an admin for the role ${needs}.` : ""
    return { refused: `${markup.text(`${title}: ${detail}`)}${role}${places}`, code }
  }
}
