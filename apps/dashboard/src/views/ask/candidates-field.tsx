import { SelectField, TextField } from "../../ui/field.tsx"
import { type Draft, mayCompete } from "./draft.ts"

const choices = [
  ["1", "One task"],
  ["2", "Two candidates"],
  ["3", "Three candidates"],
  ["4", "Four candidates"],
  ["5", "Five candidates"],
  ["race", "A race: one fast, one deep"],
] as const

/** How many try it, each for itself, and by which models. */
export const CandidatesField = ({
  draft,
  onChange,
}: {
  draft: Draft
  onChange: (change: Partial<Draft>) => void
}) => {
  if (!mayCompete(draft)) return null
  return (
    <>
      <SelectField
        label="Who tries it"
        value={draft.candidates}
        options={choices}
        onChange={candidates => onChange({ candidates })}
      />
      {draft.candidates !== "1" && draft.candidates !== "race" && (
        <TextField
          label="Models of the candidates"
          hint="By commas, one for each; the others take the model above, or the lane's own."
          value={draft.models}
          onChange={models => onChange({ models })}
        />
      )}
      {draft.candidates !== "1" && (
        <p className="text-faint text-sm sm:col-span-2">
          {draft.candidates === "race"
            ? "Both begin at once. When the fast one is green within its guardrails, the deep one is canceled."
            : "Each has a branch of its own and the whole budget. You compare them, and accept the one that you choose."}
        </p>
      )}
    </>
  )
}
