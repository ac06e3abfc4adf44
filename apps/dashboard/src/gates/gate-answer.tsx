import type { Gate } from "@twolane/protocol"
import { useState } from "react"
import { client } from "../client.ts"
import { Button } from "../ui/button.tsx"
import { sayDone } from "../ui/toasts.tsx"
import { useAct } from "../ui/use-act.ts"

/** What each kind of question is called. */
export const gateWords: Record<Gate["kind"], string> = {
  plan: "Plan to approve",
  command: "Command to allow",
  patch: "Patch to allow",
  dependency: "New dependency",
  budget: "Budget used up",
}

/** The two answers to a question, with a note for the agent if wanted. `title` names what is asked about. */
export const GateAnswer = ({ task, gate, title }: { task: string; gate: string; title: string }) => {
  const { busy, act } = useAct()
  const [note, setNote] = useState("")
  const decide = async (decision: "allow" | "deny") => {
    const answer = { decision, ...(note.trim() === "" ? {} : { note: note.trim() }) }
    const done = await act(`Answering “${title}”`, () => client.decideGate(task, gate, answer))
    if (done) sayDone(`${decision === "allow" ? "Allowed" : "Denied"}: ${title}`)
  }
  return (
    <div className="mt-2.5 flex flex-wrap items-center gap-2">
      <input
        aria-label={`A note for the agent, with the answer to ${title}`}
        placeholder="A note for the agent (optional)"
        value={note}
        onChange={event => setNote(event.target.value)}
        className="h-8 min-w-40 flex-1 rounded-md border border-line-strong bg-transparent px-2.5 placeholder:text-faint"
      />
      <Button look="danger" busy={busy} onClick={() => void decide("deny")}>
        Deny
      </Button>
      <Button look="primary" busy={busy} onClick={() => void decide("allow")}>
        Allow
      </Button>
    </div>
  )
}
