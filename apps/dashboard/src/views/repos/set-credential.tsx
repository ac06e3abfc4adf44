import { useState } from "react"
import { client } from "../../client.ts"
import { FormDialog } from "../../ui/form-dialog.tsx"
import { sayDone } from "../../ui/toasts.tsx"
import { useAct } from "../../ui/use-act.ts"
import { CredentialFields, credentialOf, noCredential } from "./credential-fields.tsx"

type SetCredentialProps = { repo: string; onClose: () => void; onDone: () => Promise<void> }

/** Sets or replaces how a repo's source knows us. */
export const SetCredential = ({ repo, onClose, onDone }: SetCredentialProps) => {
  const { busy, act } = useAct()
  const [draft, setDraft] = useState<typeof noCredential>({ ...noCredential, kind: "token" })
  const set = async () => {
    const credential = credentialOf(draft)
    if (credential === null) return
    if (!(await act(`Setting the credential of ${repo}`, () => client.setCredential(repo, credential))))
      return
    sayDone(`The credential of ${repo} is set`)
    await onDone()
  }
  return (
    <FormDialog
      title={`The credential of ${repo}`}
      does="Set it"
      busy={busy}
      onDo={() => void set()}
      onClose={onClose}
    >
      <CredentialFields draft={draft} onChange={setDraft} mayBeNone={false} />
    </FormDialog>
  )
}
