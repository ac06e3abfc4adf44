import type { Actor, TaskEvent } from "@twolane/protocol"

/** What one turn used of one model. Money is counted in millionths of a dollar, so that sums are whole numbers. */
export type Spent = {
  model: string
  inputTokens: number
  cachedTokens: number
  outputTokens: number
  micros: number
  /** Tokens without a price. */
  unpriced: number
}

/** What a turn's log says it used, by model, and for whom. */
export type TurnSpend = { by: Actor; models: Spent[] }

/** Adds up the usage of a turn's log, whoever of its attempts reported it. Pure. */
export const spendOfTurn = (turn: readonly TaskEvent[]): TurnSpend | null => {
  const by = turn.find(event => event.type === "turn.queued")?.by
  const models = new Map<string, Spent>()
  for (const event of turn) {
    if (event.type !== "usage.reported") continue
    const { model, inputTokens, cachedTokens, outputTokens, costUsd } = event
    const before = models.get(model) ?? {
      model,
      inputTokens: 0,
      cachedTokens: 0,
      outputTokens: 0,
      micros: 0,
      unpriced: 0,
    }
    models.set(model, {
      model,
      inputTokens: before.inputTokens + inputTokens,
      cachedTokens: before.cachedTokens + cachedTokens,
      outputTokens: before.outputTokens + outputTokens,
      micros: before.micros + Math.round((costUsd ?? 0) * 1e6),
      unpriced: before.unpriced + (costUsd === null ? inputTokens + outputTokens : 0),
    })
  }
  return by === undefined || models.size === 0 ? null : { by, models: [...models.values()] }
}
