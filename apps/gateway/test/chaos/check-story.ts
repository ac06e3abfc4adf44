import { isDeepStrictEqual } from "node:util"
import type { Task, TaskEvent } from "@twolane/protocol"
import { only } from "@twolane/testkit"
import { codeOf } from "./caller.ts"
import type { Story } from "./person.ts"

/** Ends that faults explain; any other failure is a bug. */
const mayFail: ReadonlySet<string> = new Set([
  "worker-lost",
  "workspace-failed",
  "model-unavailable",
  "model-rate-limited",
  "tests-red",
])

/** How long a fast turn may take. */
const fastMs = 120_000

/** What a person was told or saw, and is not so. */
export const checkStory = (story: Story, task: Task, log: readonly TaskEvent[]): string[] => {
  const wrong: string[] = []
  if (!isDeepStrictEqual(story.seen, log)) wrong.push(difference(story.seen, log))
  for (const { outcome } of task.turns) {
    if (outcome?.status === "failed" && !mayFail.has(outcome.code ?? ""))
      wrong.push(`a turn failed: ${outcome.code} ${outcome.detail ?? ""}`)
    // A turn that did take so long on a busy machine was told the truth.
    const isSlow = outcome?.status === "limited" && outcome.which === "seconds" && story.tookMs > fastMs
    if (outcome?.status === "limited" && !isSlow)
      wrong.push(`a turn was limited: ${outcome.which} ${outcome.detail ?? ""}`)
  }
  return [...wrong, ...story.answers.flatMap(answer => checkAnswer(answer, task, log))]
}

const difference = (seen: readonly TaskEvent[], log: readonly TaskEvent[]): string => {
  const [a, b] = [seen, log].map(events => events.map(({ id }) => id))
  const missed = b?.filter(id => a?.includes(id) !== true)
  const more = a?.filter(id => b?.includes(id) !== true)
  return `its stream is not its log: missed ${missed?.join(" ")}, more ${more?.join(" ")}`
}

const checkAnswer = (answer: Story["answers"][number], task: Task, log: readonly TaskEvent[]): string[] => {
  const { what, said } = answer
  const ok = said.status >= 200 && said.status < 300
  switch (what) {
    case "cancel":
      return ok ? checkCanceled(task, log, "task") : unless(answer, ["task-ended"])
    case "interrupt":
      return ok ? checkCanceled(task, log, "turn") : unless(answer, ["turn-not-running"])
    case "steer":
      return ok ? [] : unless(answer, ["turn-not-running"])
    case "follow up":
    case "hand off":
      return ok && task.turns.length === 2 ? [] : unless(answer, ["turn-running"])
    case "accept":
      return ok
        ? task.review === "accepted"
          ? []
          : ["an accept was answered with success, and the task is not accepted"]
        : unless(answer, ["branch-moved", "publish-failed", "conflict", "merge-conflict"])
    default:
      return [`nobody does ${what}`]
  }
}

const unless = ({ what, said }: Story["answers"][number], codes: readonly string[]): string[] =>
  codes.includes(codeOf(said.body))
    ? []
    : [`${what} was answered ${said.status} ${JSON.stringify(said.body)}`]

/** A cancel that was answered ends the turns that it found, and only what ended before may have ended otherwise. */
const checkCanceled = (task: Task, log: readonly TaskEvent[], scope: "task" | "turn"): string[] => {
  const asked = only(log, "cancel.requested")
  if (asked.length !== 1)
    return [`a ${scope}'s cancel was answered, and stands ${asked.length} times in the log`]
  const after = log.slice(log.findIndex(({ type }) => type === "cancel.requested"))
  const wrong = after
    .filter(({ type }) => type === "change.ready" || type === "branch.pushed")
    .map(({ type, id }) => `${type} ${id} after the cancel`)
  const [turn] = task.turns
  if (turn?.status !== "canceled") wrong.push(`a canceled turn is ${turn?.status}`)
  return wrong
}
