import { useQuery } from "@tanstack/react-query"
import type { WebhookInput } from "@twolane/client"
import type { Webhook, WebhookEvent } from "@twolane/protocol"
import { useState } from "react"
import { client } from "../../client.ts"
import { repoList } from "../../queries.ts"
import { CheckList } from "../../ui/check-list.tsx"
import { Field, fieldLook, TextField } from "../../ui/field.tsx"
import { FormDialog } from "../../ui/form-dialog.tsx"
import { useAct } from "../../ui/use-act.ts"
import { eventsOf, groupNames } from "./event-groups.ts"

const emptyDraft = {
  url: "",
  description: "",
  labels: "",
  events: [] as WebhookEvent[],
  repos: [] as string[],
}
type Draft = typeof emptyDraft

type AddWebhookProps = { onMade: (hook: Webhook & { secret: string }) => void; onClose: () => void }

/** Makes a webhook: where to, and what it hears of. */
export const AddWebhook = ({ onMade, onClose }: AddWebhookProps) => {
  const { busy, act } = useAct()
  const [draft, setDraft] = useState(emptyDraft)
  const change = (more: Partial<Draft>) => setDraft({ ...draft, ...more })
  const make = () =>
    void act("Adding the webhook", async () => onMade(await client.createWebhook(wishOf(draft))))
  return (
    <FormDialog title="Add a webhook" does="Add it" busy={busy} onDo={make} onClose={onClose}>
      <Field label="Address" hint="https:// at a public address; receivers inside are named by the operator.">
        {tie => (
          <input
            {...tie}
            type="url"
            required
            maxLength={2_000}
            autoComplete="off"
            spellCheck={false}
            placeholder="https://hooks.example.com/twolane"
            value={draft.url}
            onChange={event => change({ url: event.target.value })}
            className={`${fieldLook} font-mono`}
          />
        )}
      </Field>
      <TextField
        label="What it is for (optional)"
        value={draft.description}
        onChange={description => change({ description })}
      />
      <Filters draft={draft} onChange={change} />
    </FormDialog>
  )
}

type FiltersProps = { draft: Draft; onChange: (more: Partial<Draft>) => void }

/** What it hears: a list in which nothing is chosen leaves nothing out, and an event must fit each that has something. */
const Filters = ({ draft, onChange }: FiltersProps) => {
  const repos = (useQuery(repoList).data?.items ?? []).map(({ name }) => name)
  const { events } = draft
  return (
    <>
      <details className="rounded-lg border border-line">
        <summary className="px-3 py-2 font-medium hover:bg-hover">
          Events: {events.length === 0 ? "every one" : events.join(", ")}
        </summary>
        <div className="space-y-3 border-line border-t p-3">
          {groupNames.map(name => {
            const inGroup = eventsOf(name)
            const others = events.filter(each => !inGroup.includes(each))
            return (
              <CheckList
                key={name}
                legend={name}
                options={inGroup}
                chosen={events}
                onChange={chosen => onChange({ events: [...others, ...chosen] })}
              />
            )
          })}
        </div>
      </details>
      {repos.length > 0 && (
        <details className="rounded-lg border border-line">
          <summary className="break-words px-3 py-2 font-medium hover:bg-hover">
            Repos: {draft.repos.length === 0 ? "every one" : draft.repos.join(", ")}
          </summary>
          <div className="border-line border-t p-3">
            <CheckList
              legend="Only tasks of"
              options={repos}
              chosen={draft.repos}
              onChange={chosen => onChange({ repos: chosen })}
            />
          </div>
        </details>
      )}
      <TextField
        label="Labels (optional)"
        hint="By commas. Only tasks with one of them."
        value={draft.labels}
        onChange={labels => onChange({ labels })}
      />
    </>
  )
}

const wishOf = ({ url, description, labels, events, repos }: Draft): WebhookInput => {
  const wanted = labels.split(",").flatMap(label => label.trim() || [])
  return {
    url: url.trim(),
    ...(description.trim() !== "" && { description: description.trim() }),
    ...(events.length > 0 && { events }),
    ...(repos.length > 0 && { repos }),
    ...(wanted.length > 0 && { labels: wanted }),
  }
}
