import { type Ref, useEffect, useState } from "react"

type FilterTextProps = {
  ref?: Ref<HTMLInputElement>
  /** What it filters by, as the address names it. */
  name: string
  label: string
  value: string
  className: string
  onChange: (value: string) => void
}

/** Typing is told on when it rests this long. */
const restMs = 250

/** A text field whose value is the filter's once the typing rests; Enter is at once, Escape leaves the field. */
export const FilterText = ({ ref, name, label, value, className, onChange }: FilterTextProps) => {
  const [typed, setTyped] = useState({ text: value, of: value })
  // The filter changed elsewhere, by a link or "show all".
  if (typed.of !== value) setTyped({ text: value, of: value })
  const { text } = typed
  useEffect(() => {
    if (text.trim() === value) return
    const timer = setTimeout(() => onChange(text.trim()), restMs)
    return () => clearTimeout(timer)
  }, [text, value, onChange])
  return (
    <input
      ref={ref}
      type="search"
      name={name}
      aria-label={label}
      placeholder={label}
      value={text}
      data-set={value === "" ? undefined : ""}
      onChange={event => setTyped({ text: event.target.value, of: value })}
      onKeyDown={event => {
        if (event.key === "Enter") onChange(text.trim())
        if (event.key === "Escape") event.currentTarget.blur()
      }}
      className={className}
    />
  )
}
