import { existsSync, readFileSync } from "node:fs"
import { z } from "zod"
import { ConfigError, freeze } from "./config.ts"

const usdPerMillion = z.number().nonnegative()
const PriceTable = z.record(
  z.string(),
  z.strictObject({ input: usdPerMillion, cachedInput: usdPerMillion, output: usdPerMillion }),
)

/** USD per million tokens, by model. */
export type Prices = Readonly<Record<string, { input: number; cachedInput: number; output: number }>>

/**
 * Reads the price table; no file is no prices.
 * @throws ConfigError when the file is not the table that the contract describes.
 */
export const readPrices = (path: string): Prices => {
  if (!existsSync(path)) return {}
  let content: unknown
  try {
    content = JSON.parse(readFileSync(path, "utf8"))
  } catch (cause) {
    throw new ConfigError("TWOLANE_PRICES", `${path} is not JSON`, { cause })
  }
  const parsed = PriceTable.safeParse(content)
  if (parsed.success) return freeze(parsed.data)
  const issue = parsed.error.issues[0]
  throw new ConfigError("TWOLANE_PRICES", `${path}: ${issue?.path.join(".")}: ${issue?.message}`)
}
