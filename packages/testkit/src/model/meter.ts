import { createHash } from "node:crypto"
import type { Planned } from "./planned.ts"
import type { Item, Reply, ReplyUsage, ScriptRequest } from "./script.ts"

/** Counts tokens, and remembers which conversations it has seen, as the service's prompt cache does. */
export type Meter = {
  /** Usage of an answer, unless the reply says it. `known` tokens are cached for certain (a parent on the same connection). */
  measure(request: ScriptRequest, reply: Reply, planned: readonly Planned[], known: number | null): ReplyUsage
}

/** The service counts cached tokens in blocks of this size. */
const block = 128
const mostSeen = 20_000

/** A meter with an empty cache. */
export const makeMeter = (): Meter => {
  const seen = new Set<string>()
  return {
    measure: (request, reply, planned, known) => {
      if (reply.usage !== undefined) return reply.usage
      const inputTokens = tokensIn(request)
      const cached = known ?? cachedTokens(request, seen)
      const outputTokens = planned.reduce((sum, item) => sum + tokensOf(item.text) + 4, 0)
      const whole = Math.floor(Math.min(cached, inputTokens) / block) * block
      return { inputTokens, cachedTokens: whole, outputTokens }
    },
  }
}

/** The tokens that a request makes the model read. */
export const tokensIn = ({ instructions, items }: ScriptRequest): number =>
  tokensOf(instructions) + items.reduce((sum, item) => sum + itemTokens(item), 0)

const tokensOf = (text: string): number => Math.ceil(text.length / 4)
const sizes = new WeakMap<Item, number>()

/** An item's tokens; measured once, since a conversation on a socket keeps its items. */
const itemTokens = (item: Item): number => {
  const known = sizes.get(item)
  if (known !== undefined) return known
  const size = tokensOf(JSON.stringify(item))
  sizes.set(item, size)
  return size
}

/** How many tokens at the start of this conversation were sent before; remembers this one. */
const cachedTokens = (request: ScriptRequest, seen: Set<string>): number => {
  if (seen.size > mostSeen) seen.clear()
  let chain = createHash("sha1").update(`${request.model}\n${request.instructions}`).digest("base64")
  let tokens = tokensOf(request.instructions)
  let cached = 0
  for (const item of request.items) {
    chain = createHash("sha1").update(chain).update(JSON.stringify(item)).digest("base64")
    tokens += itemTokens(item)
    if (seen.has(chain)) cached = tokens
    else seen.add(chain)
  }
  return cached
}
