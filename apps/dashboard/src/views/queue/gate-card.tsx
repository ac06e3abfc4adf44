import { Link } from "@tanstack/react-router"
import type { Gate } from "@twolane/protocol"
import { GateAnswer, gateWords } from "../../gates/gate-answer.tsx"
import { GateDetail } from "../../gates/gate-detail.tsx"
import { Time } from "../../ui/time.tsx"

/** One question: what is asked, of which task, and the two answers, with a note for the agent if wanted. */
export const GateCard = ({ gate }: { gate: Gate }) => (
  <li className="rounded-lg border border-line border-l-2 border-l-warn bg-surface p-3">
    <div className="flex items-baseline gap-2">
      <span className="shrink-0 rounded bg-warn-soft px-1.5 font-medium text-sm text-warn">
        {gateWords[gate.kind]}
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
    <GateDetail detail={gate.detail} className="mt-1.5 max-h-32 text-muted" />
    <GateAnswer task={gate.task} gate={gate.id} title={gate.title} />
  </li>
)
