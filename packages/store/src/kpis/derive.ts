import type { Lane, TaskEvent } from "@twolane/protocol"
import { spendOfTurn, type TurnSpend } from "../spend/spend-of-turn.ts"
import { type Count, count, countsOfEvent, countsOfSamples } from "./counts.ts"
import type { KpiName } from "./names.ts"

/** One measured value: of a spread (`value`, null when the mark was never reached), or of a rate (`of` cases, `hits`). */
export type Sample =
  | { name: KpiName | `guardrail_trips.${string}`; value: number | null }
  | { name: KpiName; of: number; hits: number }

/** What one event says about KPIs, and adds to the cumulative metrics. `id` is the event's, so that it is counted once. */
export type Fact = {
  id: string
  at: number
  lane: Lane
  model: string
  samples: Sample[]
  counts: Count[]
  /** What a turn that has ended used. */
  spend?: TurnSpend
}

type EventOf<Type extends TaskEvent["type"]> = Extract<TaskEvent, { type: Type }>

/** What a task's log says about KPIs, of all events or of those that `ids` names. Pure: the same log gives the same facts. */
export const factsOf = (log: readonly TaskEvent[], ids?: ReadonlySet<string>): Fact[] =>
  log.flatMap((event, index) => {
    if (ids?.has(event.id) === false) return []
    const before = () => log.slice(0, index + 1)
    if (event.type === "turn.ended") return [turnFact(before(), event)]
    // Whose place another candidate took was not refused: one request had one answer.
    if (event.type === "task.reviewed" && event.chosen === undefined) return [reviewFact(before(), event)]
    if (event.type === "turn.queued" && event.again === undefined) return followUpFacts(before(), event)
    return []
  })

/**
 * Whether the end of a log tells of some events what the whole of it does. A task grows for hundreds of steps, and each of its turns is counted:
 * what stands before the turn and the one before it need not be read.
 */
export const isEnough = (tail: readonly TaskEvent[], ids: ReadonlySet<string>): boolean => {
  const named = tail.filter(({ id }) => ids.has(id))
  return named.length === ids.size && named.every(event => isKnown(tail, event))
}

const isKnown = (tail: readonly TaskEvent[], event: TaskEvent): boolean => {
  // An accepted change is judged by all that it cost.
  if (event.type === "task.reviewed") return false
  if (event.type === "turn.ended")
    return tail.some(other => isFirstQueued(other) && other.turn === event.turn)
  if (!isFirstQueued(event)) return true
  const until = tail.slice(0, tail.indexOf(event) + 1)
  // What stands before the tail's first event tells whether that is a person's prompt.
  return promptsIn(until).filter(({ id }) => id !== tail[0]?.id).length >= 2
}

const turnFact = (log: readonly TaskEvent[], end: EventOf<"turn.ended">): Fact => {
  const turn = log.filter(event => event.turn === end.turn)
  const queued = first(turn, "turn.queued")
  const start = first(turn, "turn.started")
  const labels = labelsOf(log, end.turn)
  const samples: Sample[] = [
    ...(queued === undefined
      ? []
      : [sample("queue_wait", start && start.at - Math.max(dueSince(turn, queued), queued.notBefore ?? 0))]),
    ...(start === undefined ? [] : progressSamples(turn, start.at)),
    ...cancelSamples(turn),
    ...rateSamples(turn, end),
    ...tripSamples(turn),
  ]
  const counts = [
    ...countsOfSamples(samples, { ...labels, outcome: end.outcome.status }),
    ...turn.flatMap(event => countsOfEvent(event, labels.lane)),
  ]
  const spend = spendOfTurn(turn)
  return { id: end.id, at: end.at, ...labels, samples, counts, ...(spend === null ? {} : { spend }) }
}

/** A turn that waited for other tasks stands in the queue only since they succeeded. */
const dueSince = (turn: readonly TaskEvent[], queued: EventOf<"turn.queued">): number =>
  turn.find(event => event.type === "turn.queued" && event.again?.why === "after")?.at ?? queued.at

const progressSamples = (turn: readonly TaskEvent[], startedAt: number): Sample[] => {
  const usage = first(turn, "usage.reported")
  const token = usage && usage.ttftMs !== null ? usage.at - usage.durationMs + usage.ttftMs : undefined
  const green = turn.find(event => event.type === "tests.ended" && event.status === "passed")
  const patches = turn.filter(event => event.type === "patch.applied")
  const untilGreen = green === undefined ? undefined : patches.filter(({ at }) => at <= green.at).length
  return [
    sample("time_to_first_token", token === undefined ? undefined : token - startedAt),
    sample("time_to_first_edit", patches[0] && patches[0].at - startedAt),
    sample("time_to_green", green && green.at - startedAt),
    { name: "turn_duration", value: runningMs(turn) },
    ...(patches.length === 0 ? [] : [sample("correction_cycles", untilGreen)]),
  ]
}

/** Running time only: each start up to the next event that stops the clock, as the fold counts it. */
const runningMs = (turn: readonly TaskEvent[]): number => {
  let sum = 0
  let since: number | null = null
  for (const event of turn) {
    if (event.type === "turn.started") since = event.at
    const stops =
      event.type === "attempt.lost" ||
      event.type === "gate.opened" ||
      event.type === "turn.queued" ||
      event.type === "turn.ended"
    if (!stops || since === null) continue
    sum += Math.max(0, event.at - since)
    since = null
  }
  return sum
}

const cancelSamples = (turn: readonly TaskEvent[]): Sample[] => {
  const requested = first(turn, "cancel.requested")
  const confirmed = first(turn, "cancel.confirmed")
  if (confirmed === undefined) return []
  return [sample("cancel_to_quiet", requested === undefined ? confirmed.ms : confirmed.at - requested.at)]
}

const rateSamples = (turn: readonly TaskEvent[], end: EventOf<"turn.ended">): Sample[] => [
  share(
    "interrupt_rate",
    turn.some(event => event.type === "cancel.requested" && event.scope === "turn"),
  ),
  share(
    "steer_rate",
    turn.some(event => event.type === "steer.accepted"),
  ),
  share("handoff_rate", end.outcome.status === "handed_off"),
  share("restart_rate", first(turn, "turn.queued")?.from === "base"),
]

const tripSamples = (turn: readonly TaskEvent[]): Sample[] => {
  const trips = turn.filter(event => event.type === "guardrail.tripped")
  const rules = new Map<string, number>()
  for (const { rule } of trips) rules.set(rule, (rules.get(rule) ?? 0) + 1)
  return [
    { name: "guardrail_trips", value: trips.length },
    ...[...rules].map(([rule, value]): Sample => ({ name: `guardrail_trips.${rule}`, value })),
  ]
}

const reviewFact = (log: readonly TaskEvent[], review: EventOf<"task.reviewed">): Fact => {
  const prompt = promptsIn(log).at(-1)
  const accepted = review.decision === "accepted"
  const labels = labelsOf(log, log.findLast(isFirstQueued)?.turn ?? null)
  const { lane } = labels
  const samples: Sample[] = [
    ...(prompt === undefined ? [] : [sample("loop_time", review.at - prompt.at)]),
    share("acceptance_rate", accepted),
    ...(accepted ? costSamples(log) : [{ name: "restart_rate" as const, of: 0, hits: 1 }]),
  ]
  const counts = [
    ...countsOfSamples(samples, labels),
    count("twolane_reviews_total", { lane, decision: review.decision }),
    ...(accepted ? [count("twolane_accepted_lines_total", { lane }, linesOf(log))] : []),
  ]
  return { id: review.id, at: review.at, ...labels, samples, counts }
}

/** Lines of the whole change. */
const linesOf = (log: readonly TaskEvent[]): number => {
  const change = log.findLast(event => event.type === "change.ready")
  return change === undefined ? 0 : change.added + change.removed
}

/** Tokens and money for each line that was accepted. */
const costSamples = (log: readonly TaskEvent[]): Sample[] => {
  const lines = linesOf(log)
  if (lines === 0) return []
  const usages = log.filter(event => event.type === "usage.reported")
  const tokens = usages.reduce((sum, { inputTokens, outputTokens }) => sum + inputTokens + outputTokens, 0)
  const priced = usages.every(({ costUsd }) => costUsd !== null)
  const cost = usages.reduce((sum, { costUsd }) => sum + (costUsd ?? 0), 0)
  return [
    { name: "tokens", value: tokens / lines },
    ...(priced ? [{ name: "cost_usd" as const, value: cost / lines }] : []),
  ]
}

const followUpFacts = (log: readonly TaskEvent[], queued: EventOf<"turn.queued">): Fact[] => {
  const before = log.filter(isFirstQueued).at(-2)
  if (before === undefined) return []
  const labels = labelsOf(log, before.turn)
  const [prompt, next] = promptsIn(log).slice(-2)
  const samples: Sample[] = [
    ...(prompt !== undefined && next?.id === queued.id ? [sample("loop_time", queued.at - prompt.at)] : []),
    share("lane_changed_rate", queued.lane !== before.lane),
  ]
  const counts = [
    ...countsOfSamples(samples, labels),
    count("twolane_follow_ups_total", { lane: labels.lane }),
  ]
  return [{ id: queued.id, at: queued.at, ...labels, samples, counts }]
}

const isFirstQueued = (event: TaskEvent): event is EventOf<"turn.queued"> =>
  event.type === "turn.queued" && event.again === undefined

/** What a person asked for. A hand-off by policy queues a turn as well: what goes with it then stands before it. */
const promptsIn = (log: readonly TaskEvent[]): EventOf<"turn.queued">[] =>
  log.filter((event, index): event is EventOf<"turn.queued"> => {
    const before = log[index - 1]
    return isFirstQueued(event) && (before?.type !== "handoff.created" || before.to.turn !== event.turn)
  })

const labelsOf = (log: readonly TaskEvent[], turn: string | null): { lane: Lane; model: string } => {
  const ofTurn = log.filter(event => event.turn === turn)
  return {
    lane: first(ofTurn, "turn.queued")?.lane ?? "deep",
    model: ofTurn.findLast(event => event.type === "turn.started")?.model ?? "",
  }
}

const first = <Type extends TaskEvent["type"]>(
  events: readonly TaskEvent[],
  type: Type,
): EventOf<Type> | undefined => events.find((event): event is EventOf<Type> => event.type === type)

const sample = (name: KpiName, value: number | undefined): Sample => ({
  name,
  value: value === undefined ? null : Math.max(0, value),
})

const share = (name: KpiName, hit: boolean): Sample => ({ name, of: 1, hits: hit ? 1 : 0 })
