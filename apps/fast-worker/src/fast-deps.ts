import type { DeltaBody } from "@twolane/protocol"
import type { WorkerProcess } from "@twolane/turns"
import type { KnownTrees } from "./known-trees.ts"
import type { Warm } from "./warm.ts"

/** What the turns of a fast worker run with. */
export type FastDeps = WorkerProcess & { warm: Warm; trees: KnownTrees }

/** What is special about how a turn came. */
export type Arrival = {
  /** Resolves when the claim is stored; rejects with a fault when it was refused. A ticket's turn is claimed before it begins. */
  claimed: Promise<void>
  /** Takes live text, at once. */
  delta: (delta: DeltaBody) => void
}
