import { useState } from "react"
import { SelectField, TextField } from "../../ui/field.tsx"
import { CandidatesField } from "./candidates-field.tsx"
import { type Draft, mayExpire, mayWait } from "./draft.ts"
import { TasksField } from "./tasks-field.tsx"
import { TimeField } from "./time-field.tsx"

type MoreOptionsProps = { draft: Draft; onChange: (change: Partial<Draft>) => void }

const tests = [
  ["targeted", "Those that the change reaches"],
  ["all", "All"],
  ["none", "None"],
] as const
const priorities = [
  ["urgent", "Urgent"],
  ["high", "High"],
  ["normal", "Normal"],
  ["low", "Low"],
] as const
const plans = [
  ["none", "Begin at once"],
  ["approve", "Show its plan first, and wait for a yes"],
] as const
const publishing = [
  ["none", "Leave it for review here"],
  ["branch", "Push the branch"],
  ["pull_request", "Open a pull request"],
] as const

/** What has a default that mostly fits. */
export const MoreOptions = ({ draft, onChange }: MoreOptionsProps) => {
  // What a link or an earlier visit has set is seen; from then on it is the reader's to open and close.
  const [open] = useState(hasTimes(draft) || draft.startBy !== "" || draft.candidates !== "1")
  return (
    <details open={open} className="rounded-lg border border-line bg-surface">
      <summary className="px-3 py-2 font-medium text-muted hover:text-ink">More options</summary>
      <div className="grid gap-4 border-line border-t p-3 sm:grid-cols-2">
        <TextField
          label="Base"
          hint="A branch, tag or commit; the default branch without one."
          value={draft.base}
          onChange={base => onChange({ base })}
        />
        <TextField
          label="Scope"
          hint="Globs of the files that may change, such as src/billing/**."
          value={draft.scope}
          onChange={scope => onChange({ scope })}
        />
        <SelectField label="Tests" value={draft.test} options={tests} onChange={test => onChange({ test })} />
        <SelectField
          label="Priority"
          value={draft.priority}
          options={priorities}
          onChange={priority => onChange({ priority })}
        />
        <SelectField label="Plan" value={draft.plan} options={plans} onChange={plan => onChange({ plan })} />
        <SelectField
          label="When it is done"
          value={draft.publish}
          options={publishing}
          onChange={publish => onChange({ publish })}
        />
        <TextField
          label="Labels"
          hint="By commas."
          value={draft.labels}
          onChange={labels => onChange({ labels })}
        />
        <TextField
          label="Model"
          hint="The lane's own without one."
          value={draft.model}
          onChange={model => onChange({ model })}
        />
        <CandidatesField draft={draft} onChange={onChange} />
        <Waits draft={draft} onChange={onChange} />
      </div>
    </details>
  )
}

const hasTimes = ({ after, notBefore }: Draft): boolean => after.length > 0 || notBefore !== ""

const Waits = ({ draft, onChange }: MoreOptionsProps) => (
  <>
    {mayWait(draft) ? (
      <>
        <TasksField
          label="After"
          hint="It waits until these have succeeded, and fails when one of them does not."
          chosen={draft.after}
          onChange={after => onChange({ after })}
        />
        <TimeField
          label="Not before"
          hint="It may start at once without one."
          passed="That has passed: it may start at once."
          value={draft.notBefore}
          onChange={notBefore => onChange({ notBefore })}
        />
      </>
    ) : (
      <p className="text-faint text-sm sm:col-span-2">
        {draft.lane === "fast" ? "A fast task begins at once." : "A race begins at once."} In the lanes Deep
        and Auto a task can wait for other tasks, or for a time.
        {(hasTimes(draft) || (!mayExpire(draft) && draft.startBy !== "")) &&
          " What was set for that is left out."}
      </p>
    )}
    {mayExpire(draft) && (
      <TimeField
        label="Start by"
        hint="It ends unless it has begun by then; without one it waits as long as it takes."
        passed="That has passed: it could never begin."
        value={draft.startBy}
        onChange={startBy => onChange({ startBy })}
      />
    )}
  </>
)
