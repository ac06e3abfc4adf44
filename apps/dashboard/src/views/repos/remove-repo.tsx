import { client } from "../../client.ts"
import { FormDialog } from "../../ui/form-dialog.tsx"
import { sayDone } from "../../ui/toasts.tsx"
import { useAct } from "../../ui/use-act.ts"

type RemoveRepoProps = { repo: string; onClose: () => void; onDone: () => Promise<void> }

/** Asks before a repo is removed. One with open turns is refused by the gateway, which says what to do. */
export const RemoveRepo = ({ repo, onClose, onDone }: RemoveRepoProps) => {
  const { busy, act } = useAct()
  const remove = async () => {
    if (!(await act(`Removing ${repo}`, () => client.removeRepo(repo)))) return onClose()
    sayDone(`${repo} is removed`)
    await onDone()
  }
  return (
    <FormDialog
      title={`Remove ${repo}?`}
      does="Remove"
      look="danger"
      busy={busy}
      onDo={() => void remove()}
      onClose={onClose}
    >
      <p>Its mirror, credential and secrets go. Its tasks stay readable, and its source is left as it is.</p>
    </FormDialog>
  )
}
