import { useQuery } from "@tanstack/react-query"
import type { AuditRecord } from "@twolane/protocol"
import { useId } from "react"
import { keyList } from "../../queries.ts"
import { Button } from "../../ui/button.tsx"
import type { AuditSearch } from "./search.ts"

const field =
  "h-8 min-w-0 rounded-md border border-line-strong bg-surface px-2 text-ink placeholder:text-faint max-sm:w-full"

type AuditFilterProps = {
  search: AuditSearch
  /** What is shown: its actions and people are offered. */
  records: readonly AuditRecord[]
  onChange: (next: AuditSearch) => void
  onReload: () => void
}

/** What the records are narrowed to. It stands in the address as well. */
export const AuditFilter = ({ search, records, onChange, onReload }: AuditFilterProps) => {
  const actions = useId()
  const change = (name: keyof AuditSearch, value: string) => {
    const { [name]: _old, ...rest } = search
    onChange(value === "" ? rest : { ...rest, [name]: value })
  }
  return (
    <search className="mb-3 flex flex-wrap items-end gap-2 max-sm:grid max-sm:grid-cols-2">
      <Typed
        label="Action"
        value={search.action}
        onChange={value => change("action", value)}
        list={actions}
      />
      <datalist id={actions}>
        {[...new Set(records.map(({ action }) => action))].map(action => (
          <option key={action} value={action} label={action} aria-label={action} />
        ))}
      </datalist>
      <Who records={records} value={search.by} onChange={value => change("by", value)} />
      <Typed wide label="On (an id)" value={search.object} onChange={value => change("object", value)} />
      <Day label="From" value={search.from} onChange={value => change("from", value)} />
      <Day label="To" value={search.to} onChange={value => change("to", value)} />
      {Object.keys(search).length > 0 && (
        <Button look="quiet" onClick={() => onChange({})}>
          Show all
        </Button>
      )}
      <Button look="quiet" onClick={onReload}>
        Reload
      </Button>
    </search>
  )
}

type ChoiceProps = { label: string; value: string | undefined; onChange: (value: string) => void }

/** Looked for when it is left or on Enter: the gateway compares whole names. */
const Typed = ({
  label,
  value = "",
  onChange,
  list,
  wide = false,
}: ChoiceProps & { list?: string; wide?: boolean }) => (
  <input
    key={value}
    aria-label={label}
    placeholder={label}
    list={list}
    defaultValue={value}
    onBlur={event => event.target.value.trim() !== value && onChange(event.target.value.trim())}
    onKeyDown={event => event.key === "Enter" && event.currentTarget.blur()}
    className={`${field} sm:w-40 ${wide ? "max-sm:col-span-2" : ""}`}
  />
)

const Who = ({
  records,
  value = "",
  onChange,
}: Omit<ChoiceProps, "label"> & Pick<AuditFilterProps, "records">) => {
  const keys = useQuery(keyList).data?.items ?? []
  const people = new Map([
    ...keys.map(({ id, name }) => [id, name] as const),
    ...records.map(({ by }) => [by.key, by.name] as const),
  ])
  if (value !== "" && !people.has(value)) people.set(value, value)
  return (
    <select
      aria-label="Who"
      value={value}
      onChange={event => onChange(event.target.value)}
      className={`${field} sm:max-w-48`}
    >
      <option value="">Who: anybody</option>
      {[...people].map(([id, name]) => (
        <option key={id} value={id}>
          {name}
        </option>
      ))}
    </select>
  )
}

const Day = ({ label, value = "", onChange }: ChoiceProps) => (
  <label className="flex items-center gap-1.5 text-muted text-sm max-sm:flex-col max-sm:items-stretch max-sm:gap-0.5">
    <span>{label}</span>
    <input type="date" value={value} onChange={event => onChange(event.target.value)} className={field} />
  </label>
)
