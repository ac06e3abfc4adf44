import type { Gate } from "@twolane/protocol"
import type { Tasks } from "../../live/task-table.ts"
import { useTasks } from "../../live/use-live.ts"
import { GateCard } from "./gate-card.tsx"

/** What waits for a person, oldest first; whoever reads it can answer here. */
export const GateList = () => {
  const gates = useTasks(openGates, sameGates)
  if (gates.length === 0) return null
  return (
    <section aria-labelledby="gates" className="mt-4">
      <h2 id="gates" className="mb-2 font-semibold text-warn" aria-live="polite">
        {gates.length === 1
          ? "One question waits for a person"
          : `${gates.length} questions wait for a person`}
      </h2>
      <ul className="grid grid-cols-1 gap-2 lg:grid-cols-2">
        {gates.slice(0, mostShown).map(gate => (
          <GateCard key={gate.id} gate={gate} />
        ))}
      </ul>
      {gates.length > mostShown && (
        <p className="mt-2 text-muted text-sm">
          {gates.length - mostShown} more follow when these are answered.
        </p>
      )}
    </section>
  )
}

const mostShown = 20

const openGates = ({ find, order }: Tasks): readonly Gate[] =>
  order.gated.flatMap(id => find(id)?.gates ?? [])

const sameGates = (a: readonly Gate[], b: readonly Gate[]): boolean =>
  a.length === b.length && a.every((gate, index) => gate.id === b[index]?.id)
