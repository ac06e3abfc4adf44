import { useQuery, useQueryClient } from "@tanstack/react-query"
import type { Key } from "@twolane/protocol"
import { useState } from "react"
import { client } from "../../client.ts"
import { useCommands } from "../../keys/commands.ts"
import { keyList } from "../../queries.ts"
import { useMe } from "../../session/session.ts"
import { useTitle } from "../../shell/use-title.ts"
import { Button } from "../../ui/button.tsx"
import { Empty } from "../../ui/empty.tsx"
import { ProblemNote } from "../../ui/problem-note.tsx"
import { ShownOnce } from "../../ui/shown-once.tsx"
import { exactWords } from "../../ui/words.ts"
import { CreateKey } from "./create-key.tsx"
import { KeyRow } from "./key-row.tsx"

/** What was just made, and is shown once: a key, or a link that signs in with one. */
type Made = { title: string; text: string; says: string }

/** Who may do what: the keys of the team, and invitations to this page. */
export const KeysView = () => {
  useTitle("Keys")
  const { team } = useMe()
  const { data, error, refetch } = useQuery(keyList)
  const [creating, setCreating] = useState(false)
  const [made, setMade] = useState<Made | null>(null)
  const queries = useQueryClient()
  const reload = () => void queries.invalidateQueries(keyList)
  useCommands([
    { id: "key-new", title: "Make a key", section: "Keys", keys: ["c"], run: () => setCreating(true) },
  ])
  const invite = async (key: Key) => {
    const { url, expiresAt } = await client.signInLink(key.id)
    const says = `It signs in once, as ${key.name}, until ${exactWords(expiresAt)}. Send it to nobody else.`
    setMade({ title: `A sign-in link for ${key.name}`, text: url, says })
  }
  return (
    <div className="mx-auto max-w-5xl px-4 py-4 sm:px-6">
      <div className="mb-4 flex flex-wrap items-center gap-3">
        <div className="mr-auto">
          <h1 className="font-semibold text-xl">Keys</h1>
          <p className="text-muted">Who may do what in the team {team}.</p>
        </div>
        <Button look="primary" onClick={() => setCreating(true)} title="Make a key (c)">
          Make a key
        </Button>
      </div>
      {made !== null && (
        <ShownOnce key={made.text} title={made.title} text={made.text} onPutAway={() => setMade(null)}>
          {made.says}
        </ShownOnce>
      )}
      {error !== null && <ProblemNote error={error} onRetry={() => void refetch()} />}
      {data !== undefined && <Keys keys={data.items} onInvite={invite} onChange={reload} />}
      <p className="mt-3 text-muted text-sm">
        The key of the settings (TWOLANE_API_KEY) is not listed: it stays as long as the settings have it.
      </p>
      {creating && (
        <CreateKey
          onClose={() => setCreating(false)}
          onMade={({ name, secret }) => {
            setMade({
              title: `The key of ${name}`,
              text: secret,
              says: "Copy it now: it is kept nowhere, and can't be shown again.",
            })
            setCreating(false)
            reload()
          }}
        />
      )}
    </div>
  )
}

type KeysProps = { keys: readonly Key[]; onInvite: (key: Key) => Promise<void>; onChange: () => void }

const Keys = ({ keys, onInvite, onChange }: KeysProps) =>
  keys.length === 0 ? (
    <div className="rounded-lg border border-line bg-surface">
      <Empty title="There is no key yet">
        Make one for each person and program: then each act has a name, and one can be revoked alone.
      </Empty>
    </div>
  ) : (
    <ul aria-label="Keys" className="divide-y divide-line rounded-lg border border-line bg-surface">
      {keys.map(key => (
        <KeyRow key={key.id} value={key} onInvite={onInvite} onChange={onChange} />
      ))}
    </ul>
  )
