type CheckListProps<Value extends string> = {
  legend: string
  options: readonly Value[]
  chosen: readonly Value[]
  onChange: (chosen: Value[]) => void
}

/** Any of several, in columns. What is chosen stays in the options' order. */
export const CheckList = <Value extends string>({
  legend,
  options,
  chosen,
  onChange,
}: CheckListProps<Value>) => (
  <fieldset className="min-w-0">
    <legend className="mb-1 text-muted text-sm">{legend}</legend>
    <div className="grid gap-x-4 gap-y-1 sm:grid-cols-2">
      {options.map(option => (
        <label key={option} className="flex min-w-0 items-baseline gap-2">
          <input
            type="checkbox"
            checked={chosen.includes(option)}
            onChange={({ target }) =>
              onChange(options.filter(each => (each === option ? target.checked : chosen.includes(each))))
            }
            className="translate-y-0.5 accent-accent"
          />
          <span className="min-w-0 break-all font-mono text-sm">{option}</span>
        </label>
      ))}
    </div>
  </fieldset>
)
