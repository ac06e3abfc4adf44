import type { Saved } from "@twolane/agent"
import type { Logger } from "@twolane/common"
import type { Heard, Repo } from "@twolane/protocol"
import type { Mirror } from "@twolane/workspace"

/** A turn's prepared place, as the ends of turns need it: what runs there can be killed, and the work saved. */
export type Room = {
  repo: Repo
  mirror: Mirror
  base: string
  log: Logger
  /** Kills everything that runs in the workspace, with proof. */
  kill(): Promise<{ killed: number; proof: "worker" | "group" }>
  /** What the calls at work have said so far. */
  heard(): ReadonlyMap<string, Heard>
  /** Saves the tree and makes it portable. */
  checkpoint(signal: AbortSignal): Promise<Saved>
}
