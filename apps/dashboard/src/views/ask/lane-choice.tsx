import { LaneSign } from "../../ui/lane.tsx"
import type { Draft } from "./draft.ts"

const lanes = [
  { lane: "auto", name: "Auto", says: "Twolane chooses by the size of what is asked, and says why." },
  {
    lane: "fast",
    name: "Fast",
    says: "One scoped change, live: tokens, patch and tests as they come, in seconds.",
  },
  { lane: "deep", name: "Deep", says: "A larger task, handed off: a worker delivers a branch to review." },
] as const

/** Which lane it goes to. */
export const LaneChoice = ({
  value,
  onChange,
}: {
  value: Draft["lane"]
  onChange: (lane: Draft["lane"]) => void
}) => (
  <fieldset>
    <legend className="mb-1.5 font-medium">Lane</legend>
    <div className="grid gap-2 sm:grid-cols-3">
      {lanes.map(({ lane, name, says }) => (
        <label
          key={lane}
          className="cursor-pointer rounded-lg border border-line-strong bg-surface p-3 hover:bg-hover has-checked:border-accent has-checked:bg-hover has-focus-visible:outline-2 has-focus-visible:outline-accent has-focus-visible:outline-offset-2"
        >
          <input
            type="radio"
            name="lane"
            value={lane}
            checked={value === lane}
            onChange={() => onChange(lane)}
            className="sr-only"
          />
          <span className="flex items-center gap-1.5 font-medium">
            {lane !== "auto" && <LaneSign lane={lane} />}
            {name}
          </span>
          <span className="mt-0.5 block text-muted text-sm">{says}</span>
        </label>
      ))}
    </div>
  </fieldset>
)
