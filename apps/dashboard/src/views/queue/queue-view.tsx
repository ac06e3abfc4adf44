import { useNavigate, useSearch } from "@tanstack/react-router"
import { useCallback } from "react"
import { useLive } from "../../live/use-live.ts"
import { useTitle } from "../../shell/use-title.ts"
import { useStore } from "../../store.ts"
import { ProblemNote } from "../../ui/problem-note.tsx"
import { BudgetNote } from "./budget-note.tsx"
import type { Filter } from "./filter.ts"
import { FilterBar } from "./filter-bar.tsx"
import { GateList } from "./gate-list.tsx"
import { LaneCard } from "./lane-card.tsx"
import { TaskList } from "./task-list.tsx"

/** Both lanes at once, live: what needs a person, what runs, what waits and why, and what came of the rest. */
export const QueueView = () => {
  useTitle("Queue")
  const live = useLive()
  const loading = useStore(live.loading)
  const filter = useSearch({ from: "/shell/" })
  const navigate = useNavigate()
  const setFilter = useCallback(
    (next: Filter) => void navigate({ to: "/", search: next, replace: true }),
    [navigate],
  )
  return (
    <div className="mx-auto max-w-7xl px-4 py-4 max-sm:px-3">
      <h1 className="sr-only">Queue</h1>
      <div className="grid grid-cols-1 gap-3 lg:grid-cols-2">
        <LaneCard lane="fast" />
        <LaneCard lane="deep" />
      </div>
      <BudgetNote />
      <GateList />
      {loading.state === "failed" && (
        <div className="mt-4">
          <ProblemNote error={loading.error} onRetry={live.reload} />
        </div>
      )}
      <FilterBar filter={filter} onChange={setFilter} />
      <TaskList filter={filter} onClear={() => setFilter({})} />
    </div>
  )
}
