import { visible, visibleName } from "../../../ui/visible.ts"
import { durationWords } from "../../../ui/words.ts"
import type { Entry } from "../timeline/entries.ts"

/** How it is known that nothing runs any more. */
const proofs = {
  worker: "its worker saw the jail end",
  never_started: "nothing of it was running",
  lease: "its worker was out of reach, and its lease is over",
  group: "without a sandbox: the process group was killed, as well as that can be known",
} as const

/** A cancel: that it was asked for, then that nothing is left. */
export const CancelEntry = ({ entry }: { entry: Extract<Entry, { kind: "cancel" }> }) => {
  const { by, scope, handOff, reason, proven } = entry
  return (
    <div data-entry="cancel" data-proven={proven !== undefined} className="text-muted">
      <p>
        {handOff === true ? "Hand-off" : scope === "task" ? "Cancel" : "Interrupt"} asked for by{" "}
        {visibleName(by.name)}
        {reason !== undefined && `: ${visible(reason)}`}
      </p>
      {proven === undefined ? (
        <p className="text-warn">Waiting for the proof that nothing runs …</p>
      ) : (
        <p>
          <span className="font-medium text-good">Nothing runs any more</span>, after{" "}
          {durationWords(proven.ms)}
          {proven.killed > 0 && `, ${proven.killed} process${proven.killed === 1 ? "" : "es"} ended`}:{" "}
          {proofs[proven.proof]}.
        </p>
      )}
    </div>
  )
}
