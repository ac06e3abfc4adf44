import { useQuery } from "@tanstack/react-query"
import { useRef } from "react"
import { useCommands } from "../../keys/commands.ts"
import { repoList } from "../../queries.ts"
import { statusWords } from "../../ui/status.tsx"
import { type Filter, filterStatuses, isWhole } from "./filter.ts"
import { FilterText } from "./filter-text.tsx"

type FilterBarProps = { filter: Filter; onChange: (next: Filter) => void }

const field =
  "h-8 rounded-md border border-line-strong bg-surface px-2 text-ink placeholder:text-faint data-[set]:border-accent data-[set]:bg-hover"

/** What the list below is narrowed to. It stands in the address as well. */
export const FilterBar = ({ filter, onChange }: FilterBarProps) => {
  const text = useRef<HTMLInputElement>(null)
  const repos = useQuery(repoList).data?.items ?? []
  const change = (name: keyof Filter, value: string) => {
    const { [name]: _old, ...rest } = filter
    onChange(value === "" ? rest : { ...rest, [name]: value })
  }
  useCommands([
    {
      id: "filter",
      title: "Filter the queue by text",
      section: "Queue",
      keys: ["/"],
      run: () => text.current?.focus(),
    },
    { id: "filter-clear", title: "Show all tasks", section: "Queue", keys: ["x"], run: () => onChange({}) },
  ])
  return (
    <search>
      {/* As a form it works before there is a script: what is chosen goes into the address. */}
      <form
        data-filter=""
        onSubmit={event => event.preventDefault()}
        className="mt-5 flex flex-wrap items-center gap-2 max-sm:grid max-sm:grid-cols-2"
      >
        <FilterText
          ref={text}
          name="q"
          label="Text in title or prompt"
          value={filter.q ?? ""}
          onChange={value => change("q", value)}
          className={`${field} min-w-48 flex-1 max-sm:col-span-2`}
        />
        <Choice
          name="lane"
          label="Lane"
          value={filter.lane}
          options={[
            ["fast", "Fast"],
            ["deep", "Deep"],
          ]}
          onChange={value => change("lane", value)}
        />
        <Choice
          name="status"
          label="Status"
          value={filter.status}
          options={filterStatuses.map(status => [status, statusWords(status)])}
          onChange={value => change("status", value)}
        />
        <Choice
          name="repo"
          label="Repo"
          value={filter.repo}
          options={withCurrent(
            repos.map(repo => repo.name),
            filter.repo,
          )}
          onChange={value => change("repo", value)}
        />
        <FilterText
          name="label"
          label="Label"
          value={filter.label ?? ""}
          onChange={value => change("label", value)}
          className={`${field} w-28 max-sm:w-full`}
        />
        <FilterText
          name="by"
          label="Who"
          value={filter.by ?? ""}
          onChange={value => change("by", value)}
          className={`${field} w-28 max-sm:w-full`}
        />
        {!isWhole(filter) && (
          <button
            type="button"
            onClick={() => onChange({})}
            className="rounded px-2 py-1 text-muted hover:bg-hover hover:text-ink"
          >
            Show all
          </button>
        )}
        {/* Without one, Enter would not send the form. */}
        <button type="submit" hidden>
          Filter
        </button>
      </form>
    </search>
  )
}

const withCurrent = (names: readonly string[], current: string | undefined): [string, string][] =>
  [...new Set([...names, ...(current === undefined ? [] : [current])])].map(name => [name, name])

type ChoiceProps = {
  name: keyof Filter
  label: string
  value: string | undefined
  options: readonly (readonly [string, string])[]
  onChange: (value: string) => void
}

const Choice = ({ name, label, value = "", options, onChange }: ChoiceProps) => (
  <select
    name={name}
    aria-label={label}
    value={value}
    data-set={value === "" ? undefined : ""}
    onChange={event => onChange(event.target.value)}
    className={`${field} max-w-48 max-sm:max-w-none`}
  >
    <option value="">{label}: any</option>
    {options.map(([key, words]) => (
      <option key={key} value={key}>
        {words}
      </option>
    ))}
  </select>
)
