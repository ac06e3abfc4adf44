import { useCallback } from "react"
import { useWordsAt } from "../../ui/clock.ts"
import { Field, fieldLook } from "../../ui/field.tsx"
import { beginOf } from "./draft.ts"

type NotBeforeFieldProps = { value: string; onChange: (value: string) => void }

/** From when on it may start, in the reader's zone, which it names. */
export const NotBeforeField = ({ value, onChange }: NotBeforeFieldProps) => {
  const at = beginOf({ notBefore: value })
  const hint = useWordsAt(
    useCallback(
      now =>
        at !== undefined && at <= now
          ? "That has passed: it may start at once."
          : `It may start at once without one. In your time zone, ${zone()}.`,
      [at],
    ),
  )
  return (
    <Field label="Not before" hint={hint}>
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
