import type { Key } from "@twolane/protocol"
import { useCallback, useState } from "react"
import { client } from "../../client.ts"
import { useMe } from "../../session/session.ts"
import { Button } from "../../ui/button.tsx"
import { useWordsAt } from "../../ui/clock.ts"
import { FormDialog } from "../../ui/form-dialog.tsx"
import { Time } from "../../ui/time.tsx"
import { sayDone } from "../../ui/toasts.tsx"
import { useAct } from "../../ui/use-act.ts"
import { exactWords } from "../../ui/words.ts"

type KeyRowProps = { value: Key; onInvite: (key: Key) => Promise<void>; onChange: () => void }

/** One key: whose, what it may do, when it was used, and what can be done with it. */
export const KeyRow = ({ value, onInvite, onChange }: KeyRowProps) => {
  const { name, email, role, id } = value
  const { busy, act } = useAct()
  const [revoking, setRevoking] = useState(false)
  const own = useMe().key.id === id
  const revoke = async () => {
    if (!(await act(`Revoking the key of ${name}`, () => client.revokeKey(id)))) return
    setRevoking(false)
    sayDone(`The key of ${name} opens nothing any more`)
    onChange()
  }
  return (
    <li data-key={id} className="flex flex-wrap items-center gap-x-4 gap-y-2 px-4 py-3">
      <div className="min-w-0 flex-1 basis-72">
        <p className="flex flex-wrap items-baseline gap-x-2">
          <span className="min-w-0 break-words font-medium">{name}</span>
          <span className="rounded bg-sunken px-1.5 text-muted text-sm">{role}</span>
          {own && <span className="text-accent text-sm">you</span>}
          {email !== undefined && <span className="min-w-0 break-all text-muted text-sm">{email}</span>}
        </p>
        <KeyTimes value={value} />
      </div>
      <div className="flex gap-2">
        <Button
          size="small"
          busy={busy}
          aria-label={`Make a sign-in link for ${name}`}
          onClick={() => void act("Making a sign-in link", () => onInvite(value))}
        >
          Sign-in link
        </Button>
        <Button
          size="small"
          look="danger"
          aria-label={`Revoke the key of ${name}`}
          onClick={() => setRevoking(true)}
        >
          Revoke
        </Button>
      </div>
      {revoking && (
        <FormDialog
          title={`Revoke the key of ${name}?`}
          does="Revoke"
          look="danger"
          busy={busy}
          onDo={() => void revoke()}
          onClose={() => setRevoking(false)}
        >
          <p>
            Within seconds it opens nothing any more, its sessions on this page end, and its open streams
            close. Tasks that it started go on.
          </p>
          {own && <p className="font-medium text-warn">This is your own key: you will be signed out.</p>}
        </FormDialog>
      )}
    </li>
  )
}

const KeyTimes = ({ value: { createdAt, createdBy, lastUsedAt, expiresAt } }: { value: Key }) => (
  <p className="mt-0.5 flex flex-wrap gap-x-4 text-muted text-sm">
    <span>
      made <Time at={createdAt} /> by {createdBy.name}
    </span>
    <span>
      {lastUsedAt === undefined ? (
        "never used"
      ) : (
        <>
          last used <Time at={lastUsedAt} />
        </>
      )}
    </span>
    <Expiry at={expiresAt} />
  </p>
)

const Expiry = ({ at }: { at: number | undefined }) => {
  const words = useWordsAt(
    useCallback(now => (at === undefined ? "" : at <= now ? "expired" : "expires"), [at]),
  )
  if (at === undefined) return <span>does not expire</span>
  const day = new Date(at).toLocaleDateString(undefined, { dateStyle: "medium" })
  return (
    <time
      dateTime={new Date(at).toISOString()}
      title={exactWords(at)}
      className={words === "expired" ? "font-medium text-warn" : ""}
    >
      {words} {day}
    </time>
  )
}
