import { useQuery } from "@tanstack/react-query"
import { useLive } from "../../live/use-live.ts"
import { teamBudget } from "../../queries.ts"
import { useStore } from "../../store.ts"
import { BudgetLine } from "../../ui/budget-line.tsx"

/** Says that the team's budget is nearly used up, or is: nothing else of the queue would tell why. Asked once the queue is seen. */
export const BudgetNote = () => {
  const seen = useStore(useLive().loading).state !== "loading"
  const { data } = useQuery({ ...teamBudget, enabled: seen })
  if (data?.state !== "warned" && data?.state !== "stopped") return null
  return (
    <section aria-label="Budget" className="mt-4 rounded-lg border border-line bg-surface p-3">
      <BudgetLine view={data} />
    </section>
  )
}
