import { isFinal } from "./final.ts"
import type { Candidate, Group } from "./group.ts"
import { firstOfGroup, isRace } from "./in-group.ts"
import { rankCandidates } from "./rank-candidates.ts"
import { lastTurn, openTurn, reviewHead, type TaskState } from "./state.ts"
import { noUsage } from "./usage.ts"

/**
 * A group as surfaces show it: its candidates beside each other, best first. `states` are those of its candidates that are there.
 * @throws Error without the first one, which is written before all others
 */
export const viewGroup = (states: readonly TaskState[], now: number): Group => {
  const first = states.find(({ id, group }) => group !== undefined && firstOfGroup(group.id) === id)
  if (first?.group === undefined) throw new Error("a group is shown with its first candidate")
  const candidates = rankCandidates(states.map(state => viewCandidate(state, now)))
  const chosen = states.find(({ review }) => review === "accepted")
  const [best] = candidates
  return {
    id: first.group.id,
    team: first.team,
    repo: first.repo,
    title: first.title,
    prompt: first.prompt,
    by: first.by,
    base: first.base ?? first.baseAtSubmit,
    createdAt: first.createdAt,
    race: isRace(first.group),
    status: states.some(state => openTurn(state) !== undefined) ? "open" : "ended",
    ...(chosen === undefined ? {} : { chosen: chosen.id }),
    ...(best?.tests?.status === "passed" && isFinal(best.status) ? { best: best.task } : {}),
    candidates,
  }
}

type Unranked = Omit<Candidate, "rank" | "reason">

const viewCandidate = (state: TaskState, now: number): Unranked => {
  const asked = state.group?.candidates.find(({ task }) => task === state.id)
  const last = lastTurn(state)
  const head = reviewHead(state)
  return {
    task: state.id,
    lane: asked?.lane ?? "deep",
    ...(asked?.model === undefined ? {} : { model: asked.model }),
    branch: state.branch,
    status: last?.status ?? "queued",
    ...(last?.outcome === undefined ? {} : { outcome: last.outcome }),
    ...(state.tests === undefined ? {} : { tests: state.tests }),
    ...(state.change === undefined ? {} : { change: state.change }),
    trips: tripsOf(state),
    gates: state.gates.length,
    usage: last === undefined ? noUsage : state.usage,
    runningMs: state.turns.reduce(
      (sum, { runningMs, runningSince }) =>
        sum + runningMs + (runningSince === undefined ? 0 : Math.max(0, now - runningSince)),
      0,
    ),
    review: state.review,
    ...(head === null ? {} : { reviewHead: head }),
  }
}

const tripsOf = ({ turns }: TaskState): Record<string, number> => {
  const all: Record<string, number> = {}
  for (const { trips } of turns)
    for (const [rule, times] of Object.entries(trips)) all[rule] = (all[rule] ?? 0) + times
  return all
}
