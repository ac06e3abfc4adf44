import type { DiskItem, Repo } from "@twolane/protocol"
import { useState } from "react"
import { client } from "../../client.ts"
import { useMay } from "../../session/session.ts"
import { Button } from "../../ui/button.tsx"
import { Time } from "../../ui/time.tsx"
import { useAct } from "../../ui/use-act.ts"
import { DiskLines } from "./disk-lines.tsx"
import { RemoveRepo } from "./remove-repo.tsx"
import { SetCredential } from "./set-credential.tsx"
import { SetSecret } from "./set-secret.tsx"

type RepoCardProps = { repo: Repo; disk: readonly DiskItem[]; onChange: () => Promise<void> }

const credentialWords = {
  none: "none: it is public, or a path",
  token: "a token",
  ssh: "an SSH key",
} as const

/** One repo, and what an admin can do with it. */
export const RepoCard = ({ repo, disk, onChange }: RepoCardProps) => {
  const mayChange = useMay("admin")
  const { name, source, defaultBranch, createdAt, host, notices = [] } = repo
  const [open, setOpen] = useState<"credential" | "secret" | "remove" | null>(null)
  const close = () => setOpen(null)
  const done = async () => {
    close()
    await onChange()
  }
  const form = { repo: name, onClose: close, onDone: done }
  return (
    <section aria-label={name} className="rounded-lg border border-line bg-surface p-4">
      <div className="flex flex-wrap items-baseline gap-x-3">
        <h2 className="min-w-0 break-all font-semibold text-lg">{name}</h2>
        <span className="mr-auto text-faint text-sm">
          registered <Time at={createdAt} />
        </span>
        {mayChange && (
          <Button size="small" look="danger" aria-label={`Remove ${name}`} onClick={() => setOpen("remove")}>
            Remove
          </Button>
        )}
      </div>
      {notices.map(notice => (
        <p key={notice} className="mt-2 rounded-md bg-warn-soft px-2.5 py-1.5 text-warn">
          {notice}
        </p>
      ))}
      <dl className="mt-3 grid grid-cols-[max-content_minmax(0,1fr)] items-baseline gap-x-4 gap-y-1.5">
        <dt className="text-muted">Source</dt>
        <dd className="break-all font-mono text-sm">
          {source}
          {host !== undefined && <span className="inline-block font-sans text-muted">&nbsp;on {host}</span>}
        </dd>
        <dt className="text-muted">Default branch</dt>
        <dd className="break-all font-mono text-sm">{defaultBranch}</dd>
        <dt className="text-muted">Credential</dt>
        <dd className="flex flex-wrap items-center gap-2">
          {credentialWords[repo.credential]}
          {mayChange && (
            <Button
              size="small"
              aria-label={`${repo.credential === "none" ? "Set" : "Replace"} the credential of ${name}`}
              onClick={() => setOpen("credential")}
            >
              {repo.credential === "none" ? "Set" : "Replace"}
            </Button>
          )}
          {mayChange && repo.credential !== "none" && (
            <DeleteButton
              label={`Delete the credential of ${name}`}
              onDelete={() => client.removeCredential(name)}
              onDone={onChange}
            />
          )}
        </dd>
        <dt className="text-muted">Secrets</dt>
        <dd className="flex flex-wrap items-center gap-2">
          {repo.secrets.length === 0 && <span className="text-muted">none</span>}
          {repo.secrets.map(key => (
            <span
              key={key}
              className="inline-flex items-center gap-1 rounded bg-sunken pl-1.5 font-mono text-sm"
            >
              <span className="break-all">{key}</span>
              {mayChange && (
                <DeleteButton
                  label={`Delete the secret ${key} of ${name}`}
                  onDelete={() => client.removeSecret(name, key)}
                  onDone={onChange}
                  sign
                />
              )}
            </span>
          ))}
          {mayChange && (
            <Button size="small" aria-label={`Set a secret of ${name}`} onClick={() => setOpen("secret")}>
              Set a secret
            </Button>
          )}
        </dd>
      </dl>
      <DiskLines repo={name} items={disk} />
      {open === "credential" && <SetCredential {...form} />}
      {open === "secret" && <SetSecret {...form} />}
      {open === "remove" && <RemoveRepo {...form} />}
    </section>
  )
}

type DeleteButtonProps = {
  label: string
  onDelete: () => Promise<void>
  onDone: () => Promise<void>
  /** Shows a sign in place of a word. */
  sign?: boolean
}

const DeleteButton = ({ label, onDelete, onDone, sign = false }: DeleteButtonProps) => {
  const { busy, act } = useAct()
  const run = async () => {
    if (await act(label, onDelete)) await onDone()
  }
  return (
    <Button
      size="small"
      look={sign ? "quiet" : "danger"}
      busy={busy}
      aria-label={label}
      title={label}
      onClick={() => void run()}
    >
      {sign ? "×" : "Delete"}
    </Button>
  )
}
