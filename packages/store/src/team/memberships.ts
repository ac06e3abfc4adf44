import { isFinal, lastTurn, type TaskState } from "@twolane/protocol"
import { digest } from "../keys.ts"
import type { TaskFilter } from "../port.ts"

/** Names of the indexes that lists walk. Members sort by age, since ids do. */
export const indexes = {
  all: "all",
  /** Tasks with an open turn, so that the reconciler need not look at the others. */
  open: "open",
  gates: "gates",
  repos: "repos",
  openTurns: (repo: string) => `turns:${repo}`,
  /** Tasks that wait for a task to succeed. */
  after: (task: string) => `after:${task}`,
} as const

/** Every index that a task stands in, one a line: the index, and after a tab the member where that is not the task itself. */
export const membershipsOf = (state: TaskState): string => {
  const last = lastTurn(state)
  const open = state.turns.filter(turn => !isFinal(turn.status))
  const lines = [
    indexes.all,
    `lane:${last?.lane ?? "deep"}`,
    `status:${last?.status ?? "queued"}`,
    `repo:${state.repo}`,
    ...new Set([`by:${digest(state.by.key)}`, `by:${digest(state.by.name)}`]),
    ...new Set(state.labels.map(label => `label:${digest(label)}`)),
    ...(open.length > 0 ? [indexes.open] : []),
    ...(open[0]?.after ?? []).map(indexes.after),
  ]
  const gates = state.gates.map(({ gate }) => `${indexes.gates}\t${gate}/${state.id}`)
  const turns = open.map(({ id }) => `${indexes.openTurns(state.repo)}\t${id}`)
  return [...lines, ...gates, ...turns].join("\n")
}

/** The indexes that a filter names; `q` has none. */
export const indexesOf = (filter: TaskFilter): string[] => {
  const names = [
    ...(filter.lane === undefined ? [] : [`lane:${filter.lane}`]),
    ...(filter.status === undefined ? [] : [`status:${filter.status}`]),
    ...(filter.repo === undefined ? [] : [`repo:${digestUnlessName(filter.repo)}`]),
    ...(filter.label === undefined ? [] : [`label:${digest(filter.label)}`]),
    ...(filter.by === undefined ? [] : [`by:${digest(filter.by)}`]),
  ]
  return names.length === 0 ? [indexes.all] : names
}

/** A filter's repo comes from a query string: what is no repo's name finds nothing, and never becomes a key as it is. */
const digestUnlessName = (repo: string): string =>
  /^[a-z0-9._-]{1,100}$/.test(repo) ? repo : `-${digest(repo)}`
