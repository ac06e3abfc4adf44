import type { Lane, Task } from "@twolane/protocol"
import { useState } from "react"
import { client } from "../../../client.ts"
import { Button } from "../../../ui/button.tsx"
import { LaneName } from "../../../ui/lane.tsx"
import { sayDone } from "../../../ui/toasts.tsx"
import { useAct } from "../../../ui/use-act.ts"
import { countWords } from "../../../ui/words.ts"
import { askNext } from "../ask-next.ts"
import { type Comment, promptOf } from "./comments.ts"

type SendCommentsProps = { task: Task; comments: readonly Comment[]; onSent: () => void }

/** Sends the remarks as the next turn's prompt, in a lane of the reader's choice. */
export const SendComments = ({ task, comments, onSent }: SendCommentsProps) => {
  const [more, setMore] = useState("")
  const { busy, act } = useAct()
  const written = comments.filter(({ words }) => words.trim() !== "")
  if (written.length === 0) return null
  const send = async (lane: Lane) => {
    const prompt = promptOf(written, more)
    if (!(await act("Asking for the changes", () => askNext(client, task, { prompt, lane })))) return
    sayDone("Asked for the changes")
    onSent()
  }
  return (
    <section
      aria-label="Comments to send"
      className="sticky bottom-3 rounded-lg border border-line bg-raised p-3 shadow-raised"
    >
      <p className="mb-2 font-medium">{countWords(written.length, "comment")} for the next turn</p>
      <textarea
        aria-label="Anything else"
        placeholder="Anything else? (optional)"
        value={more}
        rows={1}
        onChange={event => setMore(event.target.value)}
        className="w-full resize-y rounded-md border border-line-strong bg-transparent px-2.5 py-1.5"
      />
      <div className="mt-2 flex justify-end gap-2">
        <Button look="quiet" onClick={onSent}>
          Drop them
        </Button>
        {(["fast", "deep"] as const).map(lane => (
          <Button
            key={lane}
            look={lane === task.lane ? "primary" : "plain"}
            busy={busy}
            onClick={() => void send(lane)}
          >
            Ask {lane === task.lane ? `the ${lane} lane` : <LaneName lane={lane} />}
          </Button>
        ))}
      </div>
    </section>
  )
}
