import { Link } from "@tanstack/react-router"
import type { Gate } from "@twolane/protocol"
import { useState } from "react"
import { client } from "../../client.ts"
import { Button } from "../../ui/button.tsx"
import { Time } from "../../ui/time.tsx"
import { sayDone } from "../../ui/toasts.tsx"
import { useAct } from "../../ui/use-act.ts"

const kinds: Record<Gate["kind"], string> = {
  plan: "Plan to approve",
  command: "Command to allow",
  patch: "Patch over its limit",
  dependency: "New dependency",
  budget: "Budget used up",
}

/** One question: what is asked, of which task, and the two answers, with a note for the agent if wanted. */
export const GateCard = ({ gate }: { gate: Gate }) => {
  const { busy, act } = useAct()
  const [note, setNote] = useState("")
  const decide = async (decision: "allow" | "deny") => {
    const answer = { decision, ...(note.trim() === "" ? {} : { note: note.trim() }) }
    const done = await act(`Answering “${gate.title}”`, () => client.decideGate(gate.task, gate.id, answer))
    if (done) sayDone(decision === "allow" ? `Allowed: ${gate.title}` : `Denied: ${gate.title}`)
  }
  return (
    <li className="rounded-lg border border-line border-l-2 border-l-warn bg-surface p-3">
      <div className="flex items-baseline gap-2">
        <span className="shrink-0 rounded bg-warn-soft px-1.5 font-medium text-sm text-warn">
          {kinds[gate.kind]}
        </span>
        <Link
          to="/tasks/$task"
          params={{ task: gate.task }}
          className="min-w-0 flex-1 truncate font-medium hover:text-accent"
        >
          {gate.title}
        </Link>
        <span className="shrink-0 text-faint text-sm">
          <Time at={gate.openedAt} />
        </span>
      </div>
      <p className="mt-1.5 max-h-32 overflow-y-auto whitespace-pre-wrap break-words text-muted">
        {gate.detail}
      </p>
      <div className="mt-2.5 flex flex-wrap items-center gap-2">
        <input
          aria-label={`A note for the agent, with the answer to ${gate.title}`}
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
    </li>
  )
}
