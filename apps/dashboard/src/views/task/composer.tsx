import { isFinal, type Lane, type Task } from "@twolane/protocol"
import { useRef, useState } from "react"
import { client } from "../../client.ts"
import { useCommands } from "../../keys/commands.ts"
import { useMay } from "../../session/session.ts"
import { Button } from "../../ui/button.tsx"
import { LaneSign } from "../../ui/lane.tsx"
import { useAct } from "../../ui/use-act.ts"
import { askNext } from "./ask-next.ts"

/** Where one says more: a steer while a turn runs, the next turn when none does. Enter sends, Shift Enter is a new line. */
export const Composer = ({ task }: { task: Task }) => {
  const [text, setText] = useState("")
  const [chosen, setChosen] = useState<Lane | null>(null)
  const { busy, act } = useAct()
  const field = useRef<HTMLTextAreaElement>(null)
  const may = useMay("member")
  useCommands([
    { id: "task-write", title: "Say more", section: "Task", keys: ["i"], run: () => field.current?.focus() },
  ])
  if (!may || task.review === "discarded") return null
  const running = task.turns.find(turn => turn.status === "running")
  const open = task.turns.some(turn => !isFinal(turn.status))
  const lane = chosen ?? task.lane
  const send = async () => {
    const prompt = text.trim()
    if (prompt === "" || busy) return
    const sent =
      running === undefined
        ? await act("Asking", () => askNext(client, task, { prompt, lane: open ? "deep" : lane }))
        : await act("Steering", () => client.steer(task.id, { prompt, turn: running.id }))
    if (sent) setText("")
  }
  return (
    <form
      aria-label={running === undefined ? "The next turn" : "Steer the running turn"}
      onSubmit={event => {
        event.preventDefault()
        void send()
      }}
      className="sticky bottom-0 -mx-4 border-line border-t bg-canvas px-4 py-3 sm:-mx-6 sm:px-6"
    >
      <div className="mx-auto flex max-w-5xl items-end gap-2">
        <textarea
          ref={field}
          aria-label={running === undefined ? "What next?" : "Steer"}
          placeholder={placeholderOf(running !== undefined, open)}
          value={text}
          rows={Math.min(8, text.split("\n").length)}
          onChange={event => setText(event.target.value)}
          onKeyDown={event => {
            if (event.key === "Enter" && !event.shiftKey && !event.nativeEvent.isComposing) {
              event.preventDefault()
              void send()
            }
          }}
          className="min-h-8 flex-1 resize-none rounded-md border border-line-strong bg-surface px-2.5 py-1.5 placeholder:text-faint"
        />
        {!open && (
          <Button
            aria-label={`The next turn goes to the ${lane} lane; choose the other one`}
            title="Choose the lane"
            onClick={() => setChosen(lane === "fast" ? "deep" : "fast")}
          >
            <LaneSign lane={lane} />
            {lane === "fast" ? "Fast" : "Deep"}
          </Button>
        )}
        <Button type="submit" look="primary" busy={busy} disabled={text.trim() === ""}>
          {running === undefined ? "Ask" : "Steer"}
        </Button>
      </div>
    </form>
  )
}

const placeholderOf = (running: boolean, open: boolean): string =>
  running ? "Steer it; Esc interrupts" : open ? "What next, after this turn?" : "What next?"
