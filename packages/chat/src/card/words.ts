import { duration, outcomeWords, size } from "@twolane/common/words"
import type { Task } from "@twolane/protocol"
import type { Facts } from "./facts.ts"
import type { Markup } from "./markup.ts"

/**
 * What a message is made from. `url` is the task on the team's page; null where that has no public address. `pulls`: its repo's source takes
 * pull requests.
 */
export type Told = { task: Task; facts: Facts; url: string | null; markup: Markup; pulls: boolean }

/** Where a task stands, in words. */
export const phaseWords = ({ task, facts, markup }: Told): string => {
  const turn = openOf(task)
  switch (task.status) {
    case "queued":
      return queueWords(task, markup)
    case "running": {
      const again = (turn?.attempts ?? 1) > 1 ? ` Attempt ${turn?.attempts}: the one before was lost.` : ""
      return `Running.${again}${facts.doing ? ` ${markup.text(facts.doing)}` : ""}`
    }
    case "waiting":
      return "Waits for a person's decision, see below."
    case "canceling":
      return "Is being stopped."
    case "handed_off":
      return "Handed to the other lane."
    default: {
      const outcome = task.turns.at(-1)?.outcome
      return outcome === undefined ? task.status : markup.text(capital(outcomeWords(outcome)))
    }
  }
}

const queueWords = ({ queue }: Task, markup: Markup): string => {
  if (queue === undefined) return "Queued."
  const eta = queue.etaMs === undefined ? "" : `, starts in about ${duration(queue.etaMs)}`
  return `Queued, number ${queue.position}${eta}: ${reasonWords(queue.reason, markup)}`
}

/** Its times are in the reader's zone. */
const reasonWords = (reason: string, markup: Markup): string =>
  reason
    .split(/(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z)/)
    .map((part, index) => (index % 2 === 0 ? markup.text(part) : markup.time(Date.parse(part))))
    .join("")

/** The turn that is open, or the last one. */
export const openOf = (task: Task): Task["turns"][number] | undefined =>
  task.turns.find(turn => turn.endedAt === undefined) ?? task.turns.at(-1)

/** `none_selected` is no green: it says that nothing ran. */
export const testWords = ({ tests }: Task): string | undefined => {
  if (tests === undefined) return undefined
  const before = tests.failedAtBase ? ` (${tests.failedAtBase} failed before as well)` : ""
  return `${testMarks[tests.status]}${before}`
}

const testMarks = {
  passed: "✅ passed",
  failed: "❌ failed",
  none_selected: "⚪ none ran: no test is about this change",
  flaky: "⚠️ flaky",
  timed_out: "⚠️ took too long",
  error: "⚠️ could not run",
} as const

export const changeWords = ({ change }: Task): string | undefined =>
  change === undefined || change.files === 0 ? undefined : size(change)

export const costWords = ({ usage }: Task): string | undefined => {
  if (usage.steps === 0) return undefined
  const steps = `${usage.steps} step${usage.steps === 1 ? "" : "s"}`
  return usage.costUsd === null ? steps : `$${usage.costUsd.toFixed(4)}, ${steps}`
}

const capital = (value: string): string => value.charAt(0).toUpperCase() + value.slice(1)
