import type { Verdict } from "@twolane/protocol"
import { visible, visibleName } from "../../../ui/visible.ts"
import type { Entry } from "../timeline/entries.ts"

const done: Record<Verdict, string> = {
  allow: "allowed",
  deny: "refused",
  steer: "the model was told and tries again",
  ask: "a person is asked",
  hand_off: "handed to the other lane",
}

/** A guardrail that tripped: which rule, where, and what was done. */
export const TripEntry = ({ rule, stage, verdict, detail, path }: Extract<Entry, { kind: "trip" }>) => (
  <div data-entry="trip" className="rounded-lg bg-warn-soft px-3.5 py-2">
    <p>
      <span className="font-medium text-warn">Guardrail {rule}</span>{" "}
      <span className="text-muted">
        {stage === "stream" ? "while the patch was written" : `at the ${stage}`}: {done[verdict]}
      </span>
    </p>
    <p className="mt-0.5 break-words">
      {path !== undefined && <span className="font-mono text-sm">{visibleName(path)}: </span>}
      {visible(detail)}
    </p>
  </div>
)
