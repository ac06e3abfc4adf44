import { useNavigate } from "@tanstack/react-router"
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
import { DiscardDialog } from "./discard-dialog.tsx"

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
  const [asked, setAsked] = useState<Asked | null>(null)
  const may = useMay("member")
  const doing: Doing = (what, action, done) => async () => {
    if (await act(what, action)) sayDone(done)
  }
  const actions = may ? actionsOf(task, doing, setAsked) : []
  useThen(task, may)
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
      {asked === "accept" && <AcceptDialog task={task} onClose={() => setAsked(null)} />}
      {asked === "discard" && <DiscardDialog task={task} onClose={() => setAsked(null)} />}
    </div>
  )
}

/** What is to come after an open task is asked for with that filled in. */
const useThen = (task: Task, may: boolean): void => {
  const navigate = useNavigate()
  const ask: Command = {
    id: "task-then",
    title: "Ask for a task that waits for this one",
    section: "Task",
    keys: ["t"],
    run: () => void navigate({ to: "/ask", search: { repo: task.repo, lane: "deep", after: [task.id] } }),
  }
  useCommands(may && task.endedAt === undefined ? [ask] : [])
}

type Doing = (what: string, action: () => Promise<unknown>, done: string) => () => Promise<void>

/** What is asked once more before it is done. */
type Asked = "accept" | "discard"

const actionsOf = (task: Task, doing: Doing, ask: (what: Asked) => void): Action[] => {
  const open = task.turns.some(turn => !isFinal(turn.status))
  return open ? openActions(task, doing) : endedActions(task, doing, ask)
}

/** What ends already is not to be ended or handed on once more. */
const openActions = (task: Task, doing: Doing): Action[] => {
  const running = task.status === "running"
  const ending = task.turns.every(({ status }) => status === "canceling" || isFinal(status))
  if (ending) return []
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
      label: `To the ${other} lane`,
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

const endedActions = (task: Task, doing: Doing, ask: (what: Asked) => void): Action[] => {
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
            label: "Discard …",
            title: "Discard the change",
            key: "d",
            look: "danger" as const,
            run: () => ask("discard"),
          },
        ]),
    ...(reviewable
      ? [
          {
            id: "undo",
            label: "Undo",
            title: "Go back to the checkpoint before the last one",
            key: "u",
            run: doing("Undoing", () => client.undo(task.id), "Gone back one checkpoint"),
          },
          {
            id: "accept",
            label: "Accept …",
            title: "Accept the change",
            key: "a",
            look: "primary" as const,
            run: () => ask("accept"),
          },
        ]
      : []),
  ]
}
