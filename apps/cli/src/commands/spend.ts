import type { BudgetInput, SpendQuery } from "@twolane/client"
import { oneLine } from "@twolane/common/clean"
import type { BudgetView, SpendRow } from "@twolane/protocol"
import type { Context } from "../connect.ts"
import { exitCodes } from "../exit.ts"

/** `twolane budget`: once it was changed, if it is to be. */
export const budgetCommand = async (
  { client, output, signal }: Context,
  { team, ...change }: BudgetInput,
): Promise<number> => {
  const whose = team === undefined ? {} : { team }
  const asked = Object.keys(change).length > 0
  const view = await (asked
    ? client.setBudget({ ...whose, ...change }, { signal })
    : client.budget(whose, { signal }))
  output.value(view)
  for (const line of budgetLines(view)) output.line(line)
  return exitCodes.succeeded
}

/** `twolane spend`. */
export const spendCommand = async (
  { client, output, signal }: Context,
  query: SpendQuery,
  csv: boolean,
): Promise<number> => {
  if (csv && !output.json) {
    output.raw(await client.spendCsv(query, { signal }))
    return exitCodes.succeeded
  }
  const spend = await client.spend(query, { signal })
  output.value(spend)
  output.line(`${spend.month}: ${amounts(spend.total)}`)
  for (const row of spend.items) output.line(`  ${nameOf(row)}: ${amounts(row)}`)
  return exitCodes.succeeded
}

const budgetLines = ({ team, month, usd, tokens, spent, state, resetsAt }: BudgetView): string[] => [
  `${team}, ${month}: ${state === "none" ? "no budget" : stateWords[state]}, resets ${new Date(resetsAt).toISOString()}`,
  `  ${dollars(spent.usd)}${usd === null ? "" : ` of ${dollars(usd)}`}`,
  `  ${spent.tokens}${tokens === null ? "" : ` of ${tokens}`} tokens${spent.unpricedTokens > 0 ? `, ${spent.unpricedTokens} of them of models without a price` : ""}`,
]

const stateWords = { open: "within the budget", warned: "NEARLY USED UP", stopped: "USED UP: no turn starts" }

const nameOf = ({ team, lane, repo, person, model }: SpendRow): string =>
  [team, repo, person?.name ?? null, model, lane]
    .flatMap(name => (name === null ? [] : [oneLine(name)]))
    .join("  ") || "all"

const amounts = ({ turns, inputTokens, outputTokens, costUsd }: SpendRow): string =>
  `${costUsd === null ? "no price" : dollars(costUsd)}, ${inputTokens} tokens in, ${outputTokens} out, ${turns} ${turns === 1 ? "turn" : "turns"}`

const dollars = (usd: number): string => `$${usd.toFixed(2)}`
