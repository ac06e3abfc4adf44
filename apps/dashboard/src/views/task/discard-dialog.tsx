import type { Task } from "@twolane/protocol"
import { client } from "../../client.ts"
import { FormDialog } from "../../ui/form-dialog.tsx"
import { sayDone } from "../../ui/toasts.tsx"
import { useAct } from "../../ui/use-act.ts"

/** Asks before a change is discarded: the task takes no further turn after that. */
export const DiscardDialog = ({ task, onClose }: { task: Task; onClose: () => void }) => {
  const { busy, act } = useAct()
  const discard = async () => {
    if (await act("Discarding", () => client.discard(task.id))) sayDone("Discarded")
    onClose()
  }
  return (
    <FormDialog
      title="Discard the change?"
      does="Discard"
      look="danger"
      busy={busy}
      onDo={() => void discard()}
      onClose={onClose}
    >
      <p>Nothing of it is delivered, and the task takes no further turn. Its conversation stays readable.</p>
    </FormDialog>
  )
}
