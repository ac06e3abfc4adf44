import { type ReactNode, useId } from "react"

/** How every field looks. */
export const fieldLook =
  "min-h-8 w-full rounded-md border border-line-strong bg-surface px-2.5 text-ink placeholder:text-faint"

type FieldProps = {
  label: string
  /** What it is for, or what goes in, where the label alone doesn't tell. */
  hint?: ReactNode
  /** The field itself, given the ids that tie it to its label and hint. */
  children: (tie: { id: string; "aria-describedby"?: string }) => ReactNode
}

/** A label with its field, and a hint that screen readers read with it. */
export const Field = ({ label, hint, children }: FieldProps) => {
  const id = useId()
  const hintId = `${id}-hint`
  return (
    <div className="min-w-0 flex-1">
      <label htmlFor={id} className="mb-1 block font-medium">
        {label}
      </label>
      {children({ id, ...(hint !== undefined && { "aria-describedby": hintId }) })}
      {hint !== undefined && (
        <p id={hintId} className="mt-1 text-faint text-sm">
          {hint}
        </p>
      )}
    </div>
  )
}

type TextFieldProps = {
  label: string
  hint?: string
  value: string
  placeholder?: string
  onChange: (value: string) => void
}

/** A line of text. */
export const TextField = ({ label, hint, value, placeholder, onChange }: TextFieldProps) => (
  <Field label={label} {...(hint === undefined ? {} : { hint })}>
    {tie => (
      <input
        {...tie}
        value={value}
        placeholder={placeholder}
        onChange={event => onChange(event.target.value)}
        className={fieldLook}
      />
    )}
  </Field>
)

type NumberFieldProps = {
  label: string
  hint?: string
  /** As it is typed; empty is none. */
  value: string
  placeholder?: string
  min?: number
  max?: number
  step?: number | "any"
  onChange: (value: string) => void
}

/** A number. */
export const NumberField = ({ label, hint, onChange, ...input }: NumberFieldProps) => (
  <Field label={label} {...(hint === undefined ? {} : { hint })}>
    {tie => (
      <input
        {...tie}
        {...input}
        type="number"
        onChange={event => onChange(event.target.value)}
        className={`${fieldLook} tabular-nums`}
      />
    )}
  </Field>
)

type SelectFieldProps<Value extends string> = {
  label: string
  value: Value
  options: readonly (readonly [Value, string])[]
  onChange: (value: Value) => void
}

/** One of a few. */
export const SelectField = <Value extends string>({
  label,
  value,
  options,
  onChange,
}: SelectFieldProps<Value>) => (
  <Field label={label}>
    {tie => (
      <select
        {...tie}
        value={value}
        onChange={event => {
          const chosen = options.find(([key]) => key === event.target.value)
          if (chosen !== undefined) onChange(chosen[0])
        }}
        className={fieldLook}
      >
        {options.map(([key, words]) => (
          <option key={key} value={key}>
            {words}
          </option>
        ))}
      </select>
    )}
  </Field>
)
