import { useQueryClient } from "@tanstack/react-query"
import type { BudgetView } from "@twolane/protocol"
import { useState } from "react"
import { client } from "../../client.ts"
import { teamBudget } from "../../queries.ts"
import { NumberField } from "../../ui/field.tsx"
import { FormDialog } from "../../ui/form-dialog.tsx"
import { sayDone } from "../../ui/toasts.tsx"
import { useAct } from "../../ui/use-act.ts"

const textOf = (limit: number | null): string => (limit === null ? "" : String(limit))
const limitOf = (text: string): number | null => (text === "" ? null : Number(text))

/** What the team may spend in each month. */
export const BudgetForm = ({ view, onClose }: { view: BudgetView; onClose: () => void }) => {
  const { busy, act } = useAct()
  const queries = useQueryClient()
  const [usd, setUsd] = useState(textOf(view.usd))
  const [tokens, setTokens] = useState(textOf(view.tokens))
  const [warnAt, setWarnAt] = useState(String(Math.round(view.warnAt * 100)))
  const set = async () => {
    const change = {
      // Dollars need prices: they are not asked for where nothing is set.
      ...(limitOf(usd) !== view.usd && { usd: limitOf(usd) }),
      tokens: limitOf(tokens),
      warnAt: Number(warnAt) / 100,
    }
    const went = await act("Setting the budget", async () => {
      queries.setQueryData(teamBudget.queryKey, await client.setBudget(change))
    })
    if (!went) return
    sayDone("The budget is set")
    onClose()
  }
  return (
    <FormDialog
      title="What the team may spend in a month"
      does="Set it"
      busy={busy}
      onDo={() => void set()}
      onClose={onClose}
    >
      <div className="flex gap-3 max-sm:flex-col">
        <NumberField
          label="US dollars"
          value={usd}
          placeholder="no limit"
          min={0.01}
          step="any"
          onChange={setUsd}
        />
        <NumberField
          label="Tokens, in and out"
          value={tokens}
          placeholder="no limit"
          min={1}
          onChange={setTokens}
        />
        <NumberField label="Warn at percent" value={warnAt} min={1} max={100} onChange={setWarnAt} />
      </div>
      <p className="text-muted text-sm">
        At its end no further turn of the team starts until the month (UTC) is over or this is raised. What
        runs goes on. An empty field is no limit.
      </p>
    </FormDialog>
  )
}
