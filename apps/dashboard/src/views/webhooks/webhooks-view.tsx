import { useQuery, useQueryClient } from "@tanstack/react-query"
import type { Webhook } from "@twolane/protocol"
import { useState } from "react"
import { useCommands } from "../../keys/commands.ts"
import { webhookList } from "../../queries.ts"
import { useMay, useMe } from "../../session/session.ts"
import { useTitle } from "../../shell/use-title.ts"
import { Button } from "../../ui/button.tsx"
import { Empty } from "../../ui/empty.tsx"
import { ProblemNote } from "../../ui/problem-note.tsx"
import { ShownOnce } from "../../ui/shown-once.tsx"
import { AddWebhook } from "./add-webhook.tsx"
import { HookCard } from "./hook-card.tsx"

/** A secret that was just made. */
type Made = { url: string; secret: string; rotated: boolean }

/** Who hears of the team's events by HTTP, and what was sent to them. */
export const WebhooksView = () => {
  useTitle("Webhooks")
  const { team } = useMe()
  const mayAdd = useMay("admin")
  const { data, error, refetch } = useQuery(webhookList)
  const [adding, setAdding] = useState(false)
  const [made, setMade] = useState<Made | null>(null)
  const queries = useQueryClient()
  const reload = () => queries.invalidateQueries(webhookList)
  return (
    <div className="mx-auto max-w-5xl px-4 py-4 sm:px-6">
      <div className="mb-4 flex flex-wrap items-center gap-3">
        <div className="mr-auto">
          <h1 className="font-semibold text-xl">Webhooks</h1>
          <p className="text-muted">Programs that hear of the events of the team {team} by HTTP.</p>
        </div>
        {mayAdd && <AddButton onPress={() => setAdding(true)} />}
      </div>
      {made !== null && (
        <ShownOnce
          key={made.secret}
          title={`The ${made.rotated ? "new secret" : "secret"} of ${made.url}`}
          text={made.secret}
          onPutAway={() => setMade(null)}
        >
          The receiver verifies messages by it (Standard Webhooks). Copy it now: it can't be shown again.
          {made.rotated && " The one before signs along for a day."}
        </ShownOnce>
      )}
      {error !== null && <ProblemNote error={error} onRetry={() => void refetch()} />}
      {data !== undefined && (
        <Hooks
          hooks={data.items}
          onSecret={({ url }, secret) => setMade({ url, secret, rotated: true })}
          onChange={reload}
        />
      )}
      {adding && (
        <AddWebhook
          onClose={() => setAdding(false)}
          onMade={({ url, secret }) => {
            setAdding(false)
            setMade({ url, secret, rotated: false })
            void reload()
          }}
        />
      )}
    </div>
  )
}

const AddButton = ({ onPress }: { onPress: () => void }) => {
  useCommands([{ id: "webhook-new", title: "Add a webhook", section: "Webhooks", keys: ["c"], run: onPress }])
  return (
    <Button look="primary" onClick={onPress} title="Add a webhook (c)">
      Add a webhook
    </Button>
  )
}

type HooksProps = {
  hooks: readonly Webhook[]
  onSecret: (hook: Webhook, secret: string) => void
  onChange: () => Promise<void>
}

const Hooks = ({ hooks, onSecret, onChange }: HooksProps) =>
  hooks.length === 0 ? (
    <div className="rounded-lg border border-line bg-surface">
      <Empty title="Nothing hears of this team by HTTP yet">
        Add a webhook for a build server that waits for a branch, a chat, a board of numbers: it is told of
        each event, signed, and again until it has answered.
      </Empty>
    </div>
  ) : (
    <ul aria-label="Webhooks" className="space-y-3">
      {hooks.map(hook => (
        <HookCard key={hook.id} hook={hook} onSecret={secret => onSecret(hook, secret)} onChange={onChange} />
      ))}
    </ul>
  )
