import { useCallback } from "react"
import { useWordsAt } from "../../ui/clock.ts"
import { Field, fieldLook } from "../../ui/field.tsx"
import { timeOf } from "./draft.ts"

type TimeFieldProps = {
  label: string
  hint: string
  /** What is said of a time that has passed. */
  passed: string
  value: string
  onChange: (value: string) => void
}

/** A time in the reader's zone, which it names. */
export const TimeField = ({ label, hint, passed, value, onChange }: TimeFieldProps) => {
  const at = timeOf(value)
  const said = useWordsAt(
    useCallback(
      now => (at !== undefined && at <= now ? passed : `${hint} In your time zone, ${zone()}.`),
      [at, hint, passed],
    ),
  )
  return (
    <Field label={label} hint={said}>
      {tie => (
        <input
          {...tie}
          type="datetime-local"
          value={value}
          onChange={event => onChange(event.target.value)}
          className={fieldLook}
        />
      )}
    </Field>
  )
}

const zone = (): string => new Intl.DateTimeFormat().resolvedOptions().timeZone
