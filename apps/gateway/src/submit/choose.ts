import type { Lane, TaskRequest } from "@twolane/protocol"
import type { Gateway } from "../gateway.ts"

/** The lane of a turn, and why it stands there, as `turn.queued` says it. */
export type LaneChoice = { lane: Lane; reason: string }

/** What is asked for the deep lane outright. */
export const toDeep: LaneChoice = { lane: "deep", reason: "waits for a deep worker" }
/** What goes to a fast worker in one hop. */
export const toFast: LaneChoice = { lane: "fast", reason: "goes to a fast worker at once" }

/** The lane of a new task: the one that was asked for, or the one that fits it. */
export const chooseFor = async (_gateway: Gateway, { lane }: TaskRequest): Promise<LaneChoice> => {
  if (lane === "fast") return toFast
  if (lane === "deep") return toDeep
  return { lane: "deep", reason: `${toDeep.reason}: auto` }
}
