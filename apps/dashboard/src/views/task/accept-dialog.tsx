import type { Task } from "@twolane/protocol"
import { client } from "../../client.ts"
import { Button } from "../../ui/button.tsx"
import { Dialog } from "../../ui/dialog.tsx"
import { sayDone } from "../../ui/toasts.tsx"
import { useAct } from "../../ui/use-act.ts"
import { countWords } from "../../ui/words.ts"

const ways = [
  {
    how: "push",
    label: "Push the branch",
    says: "The branch goes to the source as it is, for a review there.",
  },
  {
    how: "pull_request",
    label: "Open a pull request",
    says: "The branch goes to GitHub, and a pull request says how it came about.",
  },
  {
    how: "merge",
    label: "Merge",
    says: "Merged with the default branch's tip, tested again where that has moved, and pushed.",
  },
] as const

type Way = (typeof ways)[number]

/** What of a task is delivered. */
type Delivered = Pick<Task, "id" | "branch" | "change" | "tests" | "reviewHead" | "group">

const doneWords = ({ branch }: Delivered, how: Way["how"]): string => {
  if (how === "merge") return "Merged"
  return how === "push" ? `${branch} is at the source` : "The pull request is open"
}

/** Which way an accepted change goes, and what it is, once more. */
export const AcceptDialog = ({ task, onClose }: { task: Delivered; onClose: () => void }) => {
  const { busy, act } = useAct()
  const accept = async (how: Way["how"]) => {
    if (!(await act("Accepting", () => client.accept(task.id, how, { head: task.reviewHead })))) return
    sayDone(doneWords(task, how))
    onClose()
  }
  const { change, tests } = task
  const green = tests?.status === "passed"
  return (
    <Dialog title="Accept the change" onClose={onClose}>
      <p>
        {change !== undefined && `${countWords(change.files, "file")}, +${change.added} −${change.removed}. `}
        <span className={green ? "text-good" : "text-warn"}>
          {tests === undefined
            ? "No tests were run."
            : green
              ? "Its tests passed."
              : tests.status === "none_selected"
                ? "No tests were selected."
                : "Its tests are not green."}
        </span>
      </p>
      {task.group !== undefined && (
        <p className="mt-2 text-muted">
          The other candidates are discarded then, and canceled where they still run. They can still be read.
        </p>
      )}
      <ul className="mt-4 space-y-3">
        {ways.map(({ how, label, says }) => (
          <li key={how} className="flex items-center gap-3">
            <p className="min-w-0 flex-1 text-muted">{says}</p>
            <Button look={how === "push" ? "primary" : "plain"} busy={busy} onClick={() => void accept(how)}>
              {label}
            </Button>
          </li>
        ))}
      </ul>
    </Dialog>
  )
}
