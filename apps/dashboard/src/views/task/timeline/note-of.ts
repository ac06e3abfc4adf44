import type { TaskEvent } from "@twolane/protocol"
import { visible } from "../../../ui/visible.ts"
import { countWords, durationWords } from "../../../ui/words.ts"

/** A line about an event that needs no more than one; null for what the rest of the page tells. */
export const noteOf = (event: TaskEvent): { text: string; tone: "plain" | "warn" } | null => {
  switch (event.type) {
    case "turn.queued":
      return plain(`Queued again: ${event.reason}`)
    case "turn.started":
      return plain(
        `Started with ${event.simulated === true ? "the SIMULATED model" : event.model} on the worker …${event.worker.slice(-6)}`,
      )
    case "attempt.lost":
      return warning(`Attempt ${event.lost} was lost: ${event.reason}. Another one goes on.`)
    case "workspace.ready":
      return plain(
        `Workspace ready at ${event.from.slice(0, 10)} in ${durationWords(event.durationMs)}${setups[event.setup]}`,
      )
    case "context.shortened":
      return plain(
        `Context shortened from ${event.beforeTokens.toLocaleString()} to ${event.afterTokens.toLocaleString()} tokens`,
      )
    case "budget.warning": {
      const { which, used, limit, skipped } = event
      return skipped === undefined
        ? warning(`${used} of ${limit} ${which} used: the agent was told to wrap up`)
        : plain(`No limit of ${which}: ${skipped}`)
    }
    case "model.waiting":
      return warning(
        `The model is asked later: ${event.detail}. In ${durationWords(event.atMostMs)} at most; time limits stand still until then.`,
      )
    case "model.resumed":
      return plain(`The model is asked again, after ${durationWords(event.waitedMs)}`)
    case "checkpoint.undone":
      return plain(
        `${event.by.name} went back to ${event.checkpoint === null ? "the base" : `the checkpoint ${event.checkpoint.slice(0, 10)}`}`,
      )
    case "change.ready":
      return plain(
        event.files === 0
          ? "No change"
          : `Committed to ${event.branch}: ${countWords(event.files, "file")}, +${event.added} −${event.removed}`,
      )
    case "branch.pushed":
      return plain(`${event.branch} was pushed to ${event.remote} at ${event.head.slice(0, 10)}`)
    case "task.reviewed":
      return plain(`${event.decision === "accepted" ? "Accepted" : "Discarded"} by ${event.by.name}`)
    default:
      return null
  }
}

const plain = (text: string) => ({ text: visible(text), tone: "plain" as const })
const warning = (text: string) => ({ text: visible(text), tone: "warn" as const })

const setups = { none: "", cached: ", its setup taken over", ran: ", with its setup" } as const
