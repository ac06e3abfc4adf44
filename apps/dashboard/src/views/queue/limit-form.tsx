import { useQuery } from "@tanstack/react-query"
import type { QueueLimitsInput } from "@twolane/client"
import type { QueueLimits } from "@twolane/protocol"
import { type ComponentProps, useState } from "react"
import { client } from "../../client.ts"
import { repoList, workerList } from "../../queries.ts"
import { useMe } from "../../session/session.ts"
import { NumberField, SelectField } from "../../ui/field.tsx"
import { FormDialog } from "../../ui/form-dialog.tsx"
import { sayDone } from "../../ui/toasts.tsx"
import { useAct } from "../../ui/use-act.ts"
import { useShowQueue } from "./lane-rules.tsx"

const ofLane = [
  ["perRepo", "Of each repo"],
  ["perTeam", "Of each team"],
  ["perPerson", "Of each person"],
  ["perProvider", "With each provider"],
  ["urgent", "Slots kept for urgent turns"],
] as const

/** What the form is about: a field each, as it is typed. */
type Draft = Record<string, string>

type LimitFormProps = { limits: QueueLimits; onClose: () => void }

/** The deep lane's limits: for whoever runs Twolane those of all, and for a team's admin its repos' and its people's. */
export const LimitForm = ({ limits, onClose }: LimitFormProps) => {
  const me = useMe()
  const { busy, act } = useAct()
  const show = useShowQueue()
  const [draft, setDraft] = useState<Draft>({})
  const known = knownOf(limits, me.team)
  const repos = useRepoNames(known)
  const providers = useProviders(known)
  const field = (name: string) => ({
    value: draft[name] ?? known[name] ?? "",
    onChange: (value: string) => setDraft({ ...draft, [name]: value }),
    placeholder: "no limit",
    min: 1,
    max: 10_000,
  })
  const change = changeOf(draft, known, me.team)
  const set = async () => {
    if (Object.keys(change).length === 0) return onClose()
    const doing = "Changing the limits"
    if (!(await act(doing, async () => show(await client.limitQueue(change))))) return
    sayDone("The limits are set")
    onClose()
  }
  return (
    <FormDialog
      title="Turns at once in the deep lane"
      does="Set them"
      busy={busy}
      onDo={() => void set()}
      onClose={onClose}
    >
      <div className="grid grid-cols-2 gap-3 max-sm:grid-cols-1">
        {me.operates &&
          ofLane.map(([name, label]) => <NumberField key={name} label={label} {...field(`lane ${name}`)} />)}
        {!me.operates && <NumberField label="Of each of your people" {...field("team perPerson")} />}
      </div>
      <OneOf label="Of one repo" kind="repo" names={repos} field={field} />
      {me.operates && <OneOf label="With one provider" kind="provider" names={providers} field={field} />}
      <p className="text-muted text-sm">An empty field takes a limit away. What runs goes on.</p>
    </FormDialog>
  )
}

type OneOfProps = {
  label: string
  kind: "repo" | "provider"
  names: readonly string[]
  field: (name: string) => Omit<ComponentProps<typeof NumberField>, "label">
}

/** The limit of one of several, which is chosen first. */
const OneOf = ({ label, kind, names, field }: OneOfProps) => {
  const [chosen, setChosen] = useState<string | null>(null)
  const name = chosen ?? names[0]
  if (name === undefined) return null
  return (
    <fieldset className="flex gap-3">
      <legend className="sr-only">{label}</legend>
      <SelectField
        label={label}
        value={name}
        options={names.map(each => [each, each] as const)}
        onChange={setChosen}
      />
      <NumberField label={`At once, of ${name}`} {...field(`${kind} ${name}`)} />
    </fieldset>
  )
}

const named = (known: Draft, kind: string): string[] =>
  Object.keys(known).flatMap(name => (name.startsWith(`${kind} `) ? [name.slice(kind.length + 1)] : []))

const useRepoNames = (known: Draft): string[] => {
  const { data } = useQuery(repoList)
  return [...new Set([...(data?.items ?? []).map(({ name }) => name), ...named(known, "repo")])]
}

const useProviders = (known: Draft): string[] => {
  const { data } = useQuery(workerList)
  const there = (data?.items ?? []).flatMap(({ lane, provider }) =>
    lane === "deep" && provider !== undefined ? [provider] : [],
  )
  return [...new Set([...there, ...named(known, "provider")])]
}

/** The limits as fields. */
const knownOf = ({ teams = {}, providers = {}, ...lane }: QueueLimits, own: string): Draft => {
  const { repos = {}, perPerson } = teams[own] ?? {}
  const fields: [string, number | undefined][] = [
    ...ofLane.map(([name]): [string, number | undefined] => [`lane ${name}`, lane[name]]),
    ["team perPerson", perPerson],
    ...Object.entries(repos).map(([repo, most]): [string, number] => [`repo ${repo}`, most]),
    ...Object.entries(providers).map(([host, most]): [string, number] => [`provider ${host}`, most]),
  ]
  return Object.fromEntries(fields.flatMap(([name, most]) => (most === undefined ? [] : [[name, `${most}`]])))
}

/** What is other than it was. */
const changeOf = (draft: Draft, known: Draft, own: string): QueueLimitsInput => {
  const changed = (kind: string): Record<string, number | null> =>
    Object.fromEntries(
      Object.entries(draft).flatMap(([name, text]) =>
        name.startsWith(`${kind} `) && text !== (known[name] ?? "")
          ? [[name.slice(kind.length + 1), text === "" ? null : Number(text)]]
          : [],
      ),
    )
  const [ofTeam, repos, providers] = [changed("team"), changed("repo"), changed("provider")]
  const team = { ...ofTeam, ...(Object.keys(repos).length > 0 && { repos }) }
  return {
    ...changed("lane"),
    ...(Object.keys(team).length > 0 && { teams: { [own]: team } }),
    ...(Object.keys(providers).length > 0 && { providers }),
  }
}
