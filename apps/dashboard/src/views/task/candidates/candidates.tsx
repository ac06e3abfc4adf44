import type { Candidate, Group, GroupOf } from "@twolane/protocol"
import { useState } from "react"
import { client } from "../../../client.ts"
import { useMay } from "../../../session/session.ts"
import { Button } from "../../../ui/button.tsx"
import { ProblemNote } from "../../../ui/problem-note.tsx"
import { sayDone } from "../../../ui/toasts.tsx"
import { useAct } from "../../../ui/use-act.ts"
import { AcceptDialog } from "../accept-dialog.tsx"
import { CandidateRow } from "./candidate-row.tsx"
import { useGroup } from "./use-group.ts"

/** The tasks that try the same request beside each other, the best first; one of them is chosen here. */
export const Candidates = ({ of, shown }: { of: GroupOf; shown: string }) => {
  const { data: group, error, refetch } = useGroup(of)
  const may = useMay("member")
  const [choice, setChoice] = useState<Candidate | null>(null)
  if (group === undefined)
    return error === null ? null : <ProblemNote error={error} onRetry={() => void refetch()} />
  return (
    <section aria-labelledby="candidates" className="mt-3 rounded-lg border border-line bg-surface">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1 px-3 py-2">
        <h2 id="candidates" className="font-medium">
          {group.race ? "Race" : `${of.candidates.length} candidates`}
        </h2>
        <p className="min-w-0 flex-1 basis-60 text-muted text-sm">{groupWords(group)}</p>
        {may && group.status === "open" && <CancelAll group={group} />}
      </div>
      <div className="overflow-x-auto border-line border-t">
        <table aria-labelledby="candidates" className="w-full min-w-160 text-left text-sm">
          <thead className="text-faint">
            <tr>
              {["Candidate", "Status", "Tests", "Guardrails", "Change", "Cost", "Time"].map(name => (
                <th key={name} scope="col" className="px-3 py-1.5 font-normal">
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          {group.candidates.map(candidate => (
            <CandidateRow
              key={candidate.task}
              candidate={candidate}
              group={group}
              shown={candidate.task === shown}
              {...(may && group.chosen === undefined ? { onChoose: () => setChoice(candidate) } : {})}
            />
          ))}
        </table>
      </div>
      {choice !== null && (
        <AcceptDialog
          task={{ ...choice, id: choice.task, group: of }}
          onClose={() => {
            setChoice(null)
            void refetch()
          }}
        />
      )}
    </section>
  )
}

const groupWords = ({ race, status, chosen, best }: Group): string => {
  if (chosen !== undefined) return "One was chosen; the others are discarded, and can still be read."
  if (status === "ended")
    return best === undefined ? "None of them is green." : "Choose one: the best is first."
  return race
    ? "When the fast one is green within its guardrails, the others are canceled."
    : "They try the same, each for itself."
}

const CancelAll = ({ group }: { group: Group }) => {
  const { busy, act } = useAct()
  const cancel = async () => {
    if (await act("Canceling", () => client.cancelGroup(group.id))) sayDone("Cancel asked for")
  }
  return (
    <Button size="small" look="danger" busy={busy} onClick={() => void cancel()}>
      Cancel all
    </Button>
  )
}
