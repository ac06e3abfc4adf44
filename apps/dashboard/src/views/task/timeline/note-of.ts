import type { TaskEvent } from "@twolane/protocol"
import { durationWords } from "../../../ui/words.ts"

/** A line about an event that needs no more than one; null for what the rest of the page tells. */
export const noteOf = (event: TaskEvent): { text: string; tone: "plain" | "warn" } | null => {
  switch (event.type) {
    case "turn.queued":
      return plain(`Queued again: ${event.reason}`)
    case "turn.started":
      return plain(
        `Started on ${event.worker} with ${event.simulated === true ? "the SIMULATED model" : event.model}`,
      )
    case "attempt.lost":
      return { text: `Attempt ${event.lost} was lost: ${event.reason}. Another one goes on.`, tone: "warn" }
    case "workspace.ready":
      return plain(
        `Workspace ready at ${event.from.slice(0, 10)} in ${durationWords(event.durationMs)} (setup ${event.setup})`,
      )
    case "context.shortened":
      return plain(
        `Context shortened from ${event.beforeTokens.toLocaleString()} to ${event.afterTokens.toLocaleString()} tokens`,
      )
    case "budget.warning": {
      const { which, used, limit, skipped } = event
      const told = `${used} of ${limit} ${which} used: the agent was told to wrap up`
      return {
        text: skipped === undefined ? told : `The limit of ${which} is not kept: ${skipped}`,
        tone: "warn",
      }
    }
    case "change.ready":
      return plain(
        event.files === 0
          ? "No change"
          : `Committed to ${event.branch}: ${event.files} files, +${event.added} −${event.removed}`,
      )
    case "branch.pushed":
      return plain(`${event.branch} was pushed to ${event.remote} at ${event.head.slice(0, 10)}`)
    case "task.reviewed":
      return plain(`${event.decision === "accepted" ? "Accepted" : "Discarded"} by ${event.by.name}`)
    default:
      return null
  }
}

const plain = (text: string) => ({ text, tone: "plain" as const })
