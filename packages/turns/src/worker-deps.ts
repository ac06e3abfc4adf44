import type { RateGates } from "@twolane/agent/model/rate-gate"
import type { Config, LaneModel, Logger, Prices, RetryPolicy } from "@twolane/common"
import type { Github } from "@twolane/github"
import type { Store } from "@twolane/store"
import type { Mirrors, WorkspaceHouse } from "@twolane/workspace"

/** What a GET of the model's list said at the start: `no-verdict` when it said nothing certain. */
export type ModelVerdict = "ok" | "auth" | "unknown" | "no-verdict"

/** What one worker process runs its turns with. */
export type WorkerDeps = {
  config: Config
  store: Store
  log: Logger
  prices: Prices
  model: LaneModel
  /** Who may call the model now, by what all workers know of its provider's limits. */
  rates: RateGates
  /** What the model's list said of a model's name. */
  modelVerdict: () => ModelVerdict
  mirrors: Mirrors
  /** Where pull requests are opened. */
  github: Github
  /** Where workspaces are made. */
  house: WorkspaceHouse
  /** `noop` ends every turn at once: for measuring everything but the engine. */
  engine: "builtin" | "noop"
  /** How long a turn that is queued again by itself waits. */
  retryPolicy: RetryPolicy
}
