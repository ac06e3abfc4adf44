import { useState } from "react"
import { client } from "../../client.ts"
import { Field, fieldLook } from "../../ui/field.tsx"
import { FormDialog } from "../../ui/form-dialog.tsx"
import { sayDone } from "../../ui/toasts.tsx"
import { useAct } from "../../ui/use-act.ts"
import { CredentialFields, credentialOf, noCredential } from "./credential-fields.tsx"

type RegisterRepoProps = {
  /** Names of repos that are there: setting a credential for one of them would replace its own. */
  taken: readonly string[]
  onClose: () => void
  onDone: () => Promise<void>
}

/** Registers a repo: its source is asked first, with the credential if there is one. */
export const RegisterRepo = ({ taken, onClose, onDone }: RegisterRepoProps) => {
  const { busy, act } = useAct()
  const [draft, setDraft] = useState({ name: "", source: "", defaultBranch: "" })
  const [credential, setCredential] = useState(noCredential)
  const isTaken = taken.includes(draft.name.trim())
  const run = async () => {
    if (isTaken || !(await act("Registering", () => register(draft, credential)))) return
    sayDone(`${draft.name} is registered`)
    await onDone()
  }
  const set = (name: keyof typeof draft) => ({
    value: draft[name],
    onChange: (event: { target: { value: string } }) => setDraft({ ...draft, [name]: event.target.value }),
    autoComplete: "off",
    autoCapitalize: "none",
    spellCheck: false,
    className: `${fieldLook} font-mono`,
  })
  return (
    <FormDialog
      title="Register a repo"
      does={busy ? "Asking the source …" : "Register"}
      busy={busy}
      onDo={() => void run()}
      onClose={onClose}
    >
      <Field
        label="Name"
        hint={
          isTaken ? (
            <span className="text-bad">There is a repo of this name already.</span>
          ) : (
            "How tasks name it: a-z, 0-9, dot, dash, underscore."
          )
        }
      >
        {tie => <input {...tie} {...set("name")} required aria-invalid={isTaken} />}
      </Field>
      <Field label="Source" hint="https://… , ssh://… or git@host:… , or a path on the workers' machine.">
        {tie => <input {...tie} {...set("source")} required />}
      </Field>
      <Field label="Default branch (optional)" hint="Without one, what the source says.">
        {tie => <input {...tie} {...set("defaultBranch")} />}
      </Field>
      <CredentialFields draft={credential} onChange={setCredential} mayBeNone />
    </FormDialog>
  )
}

type Draft = { name: string; source: string; defaultBranch: string }

/** A private source is asked with its credential, so that goes in first; it goes again when the source can't be registered. */
const register = async (draft: Draft, typed: typeof noCredential): Promise<void> => {
  const name = draft.name.trim()
  const defaultBranch = draft.defaultBranch.trim()
  const credential = credentialOf(typed)
  if (credential !== null) await client.setCredential(name, credential)
  try {
    await client.registerRepo({
      name,
      source: draft.source.trim(),
      ...(defaultBranch !== "" && { defaultBranch }),
    })
  } catch (error) {
    if (credential !== null) await client.removeCredential(name).catch(() => {}) // the first problem is the one to tell
    throw error
  }
}
