import { Inline, Prose } from "../../../ui/prose.tsx"
import type { Entry } from "../timeline/entries.ts"

const signs = { pending: "○", in_progress: "◐", completed: "✓" } as const
const words = { pending: "to do", in_progress: "under way", completed: "done" } as const

/** The agent's plan as it was then. */
export const PlanEntry = ({ explanation, steps }: Extract<Entry, { kind: "plan" }>) => (
  <div data-entry="plan" className="rounded-lg border border-line bg-surface px-3.5 py-2.5">
    {explanation !== undefined && (
      <div className="mb-1.5 text-muted">
        <Prose text={explanation} />
      </div>
    )}
    <ol className="space-y-0.5">
      {steps.map(({ step, status }) => (
        <li key={step} className={`flex gap-2 ${status === "in_progress" ? "font-medium" : "text-muted"}`}>
          <span
            aria-hidden="true"
            className={`w-3 shrink-0 text-center ${status === "completed" ? "text-good" : "text-accent"}`}
          >
            {signs[status]}
          </span>
          <span className="sr-only">{words[status]}: </span>
          <span className="min-w-0 break-words">
            <Inline text={step} />
          </span>
        </li>
      ))}
    </ol>
  </div>
)
