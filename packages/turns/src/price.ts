import type { Prices } from "@twolane/common"

/** What one model call cost in USD; null when the model has no price. Prices are per million tokens. */
export const priceOf = (
  prices: Prices,
  model: string,
  usage: { inputTokens: number; cachedTokens: number; outputTokens: number },
): number | null => {
  const price = Object.hasOwn(prices, model) ? prices[model] : undefined
  if (price === undefined) return null
  const fresh = usage.inputTokens - usage.cachedTokens
  return (
    (fresh * price.input + usage.cachedTokens * price.cachedInput + usage.outputTokens * price.output) /
    1_000_000
  )
}
