import type { BudgetView } from "@twolane/protocol"
import { Until } from "./time.tsx"

const looks = { none: "text-muted", open: "text-muted", warned: "text-warn", stopped: "text-bad" } as const
const stateWords = {
  none: "",
  open: "",
  warned: "Nearly used up: ",
  stopped: "Used up, and no turn starts: ",
} as const

/** How far a team's budget is used this month, and when it begins anew. */
export const BudgetLine = ({ view }: { view: BudgetView }) => {
  const { usd, tokens, spent, state, resetsAt } = view
  const used = [
    ...(usd === null ? [] : [`$${spent.usd.toFixed(2)} of $${usd.toFixed(2)}`]),
    ...(tokens === null ? [] : [`${spent.tokens.toLocaleString()} of ${tokens.toLocaleString()} tokens`]),
  ]
  return (
    <p className={`text-sm tabular-nums ${looks[state]}`}>
      {stateWords[state]}
      {used.join(", ")} of this month's budget; it begins anew <Until at={resetsAt} />
    </p>
  )
}
