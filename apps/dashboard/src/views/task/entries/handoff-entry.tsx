import { Fold } from "../../../ui/fold.tsx"
import { LaneName } from "../../../ui/lane.tsx"
import { visible } from "../../../ui/visible.ts"
import type { Entry } from "../timeline/entries.ts"

/** What went from one lane to the other, and what could not. */
export const HandoffEntry = ({ entry }: { entry: Extract<Entry, { kind: "handoff" }> }) => {
  const { from, to, packet } = entry
  return (
    <div data-entry="handoff" className="rounded-lg border border-line bg-surface px-3.5 py-2">
      <Fold
        open={packet.missing.length > 0}
        summary={
          <>
            <span className="font-medium">Handed over</span>
            <LaneName lane={from.lane} />
            <span aria-hidden="true">→</span>
            <LaneName lane={to.lane} />
          </>
        }
      >
        {() => (
          <dl className="grid grid-cols-[auto_1fr] gap-x-4 gap-y-1 text-sm">
            <Part
              name="Checkpoint"
              lines={packet.checkpoint === null ? [] : [packet.checkpoint.slice(0, 12)]}
            />
            <Part name="Files read" lines={packet.filesRead} />
            <Part name="Tried" lines={packet.tried.map(({ what, result }) => `${what}: ${result}`)} />
            <Part
              name="Tests"
              lines={packet.tests === null ? [] : [`${packet.tests.status}: ${packet.tests.command}`]}
            />
            <Part name="Guardrails" lines={packet.trips.map(({ rule, detail }) => `${rule}: ${detail}`)} />
            <Part name="Steering" lines={packet.steering} />
            <Part name="Open questions" lines={packet.openQuestions} />
            <Part name="Not carried" lines={packet.missing} warn />
          </dl>
        )}
      </Fold>
    </div>
  )
}

const Part = ({ name, lines, warn = false }: { name: string; lines: readonly string[]; warn?: boolean }) =>
  lines.length === 0 ? null : (
    <>
      <dt className={warn ? "text-warn" : "text-muted"}>{name}</dt>
      <dd className="min-w-0 break-words">
        {lines.map((line, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: lines have no identity but their place
          <p key={index} className="line-clamp-4 whitespace-pre-wrap">
            {visible(line)}
          </p>
        ))}
      </dd>
    </>
  )
