import type { Lane } from "@twolane/protocol"
import { fieldOf } from "../kpis/field.ts"
import type { TurnSpend } from "./spend-of-turn.ts"

/** What is told apart of a month's spend, and the cells of each: `t` turns, `i` input, `c` cached, `o` output, `u` millionths of a dollar, `x` tokens without a price. */
export type SpendKey = { lane: string; repo: string; model: string; person: string }

/** A month's sums, beside the cells. */
export const sumFields = ["micros", "tokens", "unpriced"] as const

/** What a turn adds to its month: fields and whole numbers. A turn of several models counts as one of its first. */
export const cellsOfSpend = (
  { by, models }: TurnSpend,
  { lane, repo }: { lane: Lane; repo: string },
): [string, number][] =>
  models
    .flatMap(({ model, inputTokens, cachedTokens, outputTokens, micros, unpriced }, index) => {
      const field = (cell: string) => fieldOf([lane, repo, model, by.key, cell])
      return [
        [field("t"), index === 0 ? 1 : 0],
        [field("i"), inputTokens],
        [field("c"), cachedTokens],
        [field("o"), outputTokens],
        [field("u"), micros],
        [field("x"), unpriced],
        ["micros", micros],
        ["tokens", inputTokens + outputTokens],
        ["unpriced", unpriced],
      ] as [string, number][]
    })
    .filter(([, amount]) => amount > 0)

/** Reads a month's cells. */
export const readCells = (
  hash: Readonly<Record<string, string>>,
): Map<string, SpendKey & { cells: Record<string, number> }> => {
  const rows = new Map<string, SpendKey & { cells: Record<string, number> }>()
  for (const [field, amount] of Object.entries(hash)) {
    const [lane = "", repo, model = "", person = "", cell = ""] = field.split("\t")
    if (repo === undefined) continue
    const name = fieldOf([lane, repo, model, person])
    const row = rows.get(name) ?? { lane, repo, model, person, cells: {} }
    row.cells[cell] = Number(amount)
    rows.set(name, row)
  }
  return rows
}
