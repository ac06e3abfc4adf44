import type { ReactNode } from "react"
import { Button } from "./button.tsx"
import { Dialog } from "./dialog.tsx"

type FormDialogProps = {
  title: string
  /** What its button does: `Register`. */
  does: string
  look?: "primary" | "danger"
  busy: boolean
  onDo: () => void
  onClose: () => void
  children: ReactNode
}

/** A form over the view, or a question before something that can't be undone. Enter does it, Escape leaves it. */
export const FormDialog = ({
  title,
  does,
  look = "primary",
  busy,
  onDo,
  onClose,
  children,
}: FormDialogProps) => (
  <Dialog title={title} onClose={onClose}>
    <form
      onSubmit={event => {
        event.preventDefault()
        onDo()
      }}
      className="space-y-4"
    >
      {children}
      <div className="flex justify-end gap-2">
        <Button onClick={onClose}>Leave it</Button>
        <Button type="submit" look={look} busy={busy}>
          {does}
        </Button>
      </div>
    </form>
  </Dialog>
)
