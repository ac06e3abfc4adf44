import { GateAnswer, gateWords } from "../../../gates/gate-answer.tsx"
import { GateDetail } from "../../../gates/gate-detail.tsx"
import { useMay } from "../../../session/session.ts"
import { visible, visibleName } from "../../../ui/visible.ts"
import type { Entry } from "../timeline/entries.ts"

/** A question to a person, with its answer or the two buttons for it. */
export const GateEntry = ({ entry, task }: { entry: Extract<Entry, { kind: "gate" }>; task: string }) => {
  const { gate, asks, detail, decided } = entry
  const mayDecide = useMay("member")
  return (
    <div
      data-entry="gate"
      className="rounded-lg border border-line border-l-2 border-l-warn bg-surface p-3.5"
    >
      <p className="font-medium text-warn">{gateWords[asks]}</p>
      <GateDetail detail={detail} className="mt-1 max-h-80" />
      {decided !== undefined && (
        <p className="mt-2 text-muted">
          {decided.decision === "closed"
            ? "Closed with its turn"
            : `${decided.decision === "allow" ? "Allowed" : "Denied"} by ${visibleName(decided.by.name)}`}
          {decided.note !== undefined && `: ${visible(decided.note)}`}
        </p>
      )}
      {decided === undefined && mayDecide && <GateAnswer task={task} gate={gate} title={gateWords[asks]} />}
    </div>
  )
}
