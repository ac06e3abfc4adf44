import { oneLine } from "@twolane/common/clean"
import { duration, outcomeWords, size } from "@twolane/common/words"
import type { Candidate, Group } from "@twolane/protocol"

/** A group's candidates beside each other, best first, a few lines each. */
export const groupLines = (group: Group): string[] => [
  `${group.id}  ${group.race ? "race" : "candidates"} in ${oneLine(group.repo)}, ${group.status}: ${oneLine(group.title, 80)}`,
  ...group.candidates.flatMap(candidate => candidateLines(candidate, group.chosen)),
]

const candidateLines = (candidate: Candidate, chosen: string | undefined): string[] => {
  const { rank, task, lane, model, status, outcome, tests, change, trips, gates, usage, runningMs } =
    candidate
  const tripped = Object.entries(trips).map(([rule, times]) => `${oneLine(rule)} ×${times}`)
  const facts = [
    outcome === undefined ? status : outcomeWords(outcome),
    tests === undefined ? "no tests ran" : `tests ${tests.status}`,
    change === undefined ? "no change" : size(change),
    tripped.length === 0 ? "no guardrail tripped" : `guardrails: ${tripped.join(", ")}`,
    ...(gates === 0 ? [] : ["waits for a person"]),
    ...(usage.costUsd === null ? [] : [`$${usage.costUsd.toFixed(4)}`]),
    duration(runningMs),
  ]
  const what = model === undefined ? lane : `${lane}, ${oneLine(model)}`
  return [
    `${rank}. ${task}  ${what}${task === chosen ? "  ← chosen" : ""}`,
    `   ${facts.join(" · ")}`,
    `   ${oneLine(candidate.reason, 300)}`,
  ]
}
