import { isFinal, type Task } from "@twolane/protocol"
import { useState } from "react"
import { client } from "../../client.ts"
import { type Command, useCommands } from "../../keys/commands.ts"
import { useMay } from "../../session/session.ts"
import { Button } from "../../ui/button.tsx"
import { sayDone } from "../../ui/toasts.tsx"
import { useAct } from "../../ui/use-act.ts"
import { AcceptDialog } from "./accept-dialog.tsx"
import { askNext } from "./ask-next.ts"

type Action = {
  id: string
  label: string
  title: string
  key?: string
  look?: "primary" | "danger"
  run: () => Promise<void> | void
}

/** What can be done with the task now, as buttons and as commands. */
export const Actions = ({ task }: { task: Task }) => {
  const { busy, act } = useAct()
  const [accepting, setAccepting] = useState(false)
  const may = useMay("member")
  const doing: Doing = (what, action, done) => async () => {
    if (await act(what, action)) sayDone(done)
  }
  const actions = may ? actionsOf(task, doing, () => setAccepting(true)) : []
  useCommands(
    actions.map(
      ({ id, title, key, run }): Command => ({
        id: `task-${id}`,
        title,
        section: "Task",
        ...(key === undefined ? {} : { keys: [key] }),
        run: () => void (busy || run()),
      }),
    ),
  )
  return (
    <div className="flex flex-wrap gap-2">
      {actions.map(({ id, label, title, key, look, run }) => (
        <Button
          key={id}
          busy={busy}
          onClick={() => void run()}
          title={key === undefined ? title : `${title} (${key})`}
          {...(look === undefined ? {} : { look })}
        >
          {label}
        </Button>
      ))}
      {accepting && <AcceptDialog task={task} onClose={() => setAccepting(false)} />}
    </div>
  )
}

type Doing = (what: string, action: () => Promise<unknown>, done: string) => () => Promise<void>

const actionsOf = (task: Task, doing: Doing, accept: () => void): Action[] => {
  const open = task.turns.some(turn => !isFinal(turn.status))
  return open ? openActions(task, doing) : endedActions(task, doing, accept)
}

const openActions = (task: Task, doing: Doing): Action[] => {
  const running = task.status === "running"
  const other = task.lane === "fast" ? "deep" : "fast"
  const last = task.turns.at(-1)?.prompt ?? task.prompt
  const handOff = () => askNext(client, task, { prompt: last, lane: other, interrupt: true })
  return [
    ...(running
      ? [
          {
            id: "interrupt",
            label: "Interrupt",
            title: "Interrupt the turn; the work and the task stay",
            key: "Escape",
            run: doing("Interrupting", () => client.interrupt(task.id), "Interrupt asked for"),
          },
        ]
      : []),
    {
      id: "hand-off",
      label: other === "deep" ? "To the deep lane" : "Take over, fast",
      title: `End this turn and go on in the ${other} lane with all of its work`,
      key: "h",
      run: doing("Handing off", handOff, `Handed to the ${other} lane`),
    },
    {
      id: "cancel",
      label: "Cancel",
      title: "Cancel all open turns",
      key: "x",
      look: "danger",
      run: doing("Canceling", () => client.cancel(task.id), "Cancel asked for"),
    },
  ]
}

const endedActions = (task: Task, doing: Doing, accept: () => void): Action[] => {
  if (task.review === "discarded") return []
  const reviewable = task.review === "open"
  return [
    {
      id: "retry",
      label: "Retry",
      title: "The same prompt again, from the last checkpoint",
      key: "r",
      run: doing("Retrying", () => client.retry(task.id), "Asked for once more"),
    },
    ...(task.review === "accepted"
      ? []
      : [
          {
            id: "discard",
            label: "Discard",
            title: "Discard the change",
            look: "danger" as const,
            run: doing("Discarding", () => client.discard(task.id), "Discarded"),
          },
        ]),
    ...(reviewable
      ? [
          {
            id: "accept",
            label: "Accept …",
            title: "Accept the change",
            key: "a",
            look: "primary" as const,
            run: accept,
          },
        ]
      : []),
  ]
}
