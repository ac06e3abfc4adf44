import type { Item } from "./script.ts"

/** A conversation as it stood after a response: what `previous_response_id` names. */
export type Remembered = { items: readonly Item[]; tokens: number }

/** Responses that may be continued: a connection's own cache, or what was stored. The oldest are forgotten. */
export type Memory = {
  get(id: string): Remembered | undefined
  put(id: string, conversation: Remembered): void
}

/** A memory of at most `most` responses. */
export const makeMemory = (most: number): Memory => {
  const known = new Map<string, Remembered>()
  return {
    get: id => known.get(id),
    put: (id, conversation) => {
      known.set(id, conversation)
      const [oldest] = known.keys()
      if (known.size > most && oldest !== undefined) known.delete(oldest)
    },
  }
}
