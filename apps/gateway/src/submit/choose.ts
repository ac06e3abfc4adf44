import { chooseLane, type Lane, type LaneFacts, type TaskRequest } from "@twolane/protocol"
import { type Doors, stopWords } from "@twolane/store"
import { orderDoors } from "../fast/doors.ts"
import type { Gateway } from "../gateway.ts"

/** The lane of a turn, and why it stands there, as `turn.queued` says it. */
export type LaneChoice = { lane: Lane; reason: string }

/** What is asked for the deep lane outright. */
export const toDeep: LaneChoice = { lane: "deep", reason: "waits for a deep worker" }
/** What goes to a fast worker in one hop. */
export const toFast: LaneChoice = { lane: "fast", reason: "goes to a fast worker at once" }

/** The lane of a new task: the one that was asked for, or, by the rules that fire, the one that fits it. */
export const chooseFor = async (
  gateway: Gateway,
  team: string,
  request: TaskRequest,
): Promise<LaneChoice> => {
  if (request.lane === "fast") return toFast
  if (request.lane === "deep") return toDeep
  const { doors, paused } = await gateway.store.doors("fast", { team, repo: request.repo, state: null })
  if (paused !== null) return because(toDeep, `auto, and ${pausedWords(paused)}`)
  if (orderDoors(doors, "", gateway.host).length === 0)
    return because(toDeep, "auto, and no fast worker is there")
  const { lane, fired } = chooseLane(request, await factsOf(gateway, team, request.repo))
  return because(lane === "fast" ? toFast : toDeep, `auto (${fired.join(", ") || "no rule fired"})`)
}

const pausedWords = (paused: NonNullable<Doors["paused"]>): string =>
  typeof paused === "object"
    ? stopWords(paused)
    : `the fast lane is paused${paused === "repo" ? " for this repo" : ""}`

const because = ({ lane, reason }: LaneChoice, why: string): LaneChoice => ({
  lane,
  reason: `${reason}: ${why}`,
})

/** How often the repo's fast turns of the last week were handed off. */
const factsOf = async ({ store }: Gateway, team: string, repo: string): Promise<LaneFacts> => {
  const kpis = await store.kpis(team, { window: "7d", lane: "fast", repo })
  const handoffs = kpis.find(({ name }) => name === "handoff_rate")
  const fastTurns = handoffs?.count ?? 0
  return { fastTurns, handedOff: Math.round(fastTurns * (handoffs?.rate ?? 0)) }
}
