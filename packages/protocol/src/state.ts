import type { GroupOf } from "./group.ts"
import type { EventId } from "./ids.ts"
import type { TurnOptions } from "./requests.ts"
import type {
  Actor,
  ChangeSize,
  GateKind,
  Lane,
  Outcome,
  Priority,
  Review,
  TestStatus,
  TurnStatus,
  Usage,
} from "./terms.ts"

/** A question that waits for a person. */
export type OpenGate = {
  gate: string
  turn: string
  kind: GateKind
  detail: string
  subject?: unknown
  openedAt: number
}

/** A tool call that has begun and not ended. */
export type OpenCall = { call: string; tool: string; turn: string; at: number }

/** A steering note that no worker has taken up yet. */
export type OpenSteer = { steer: string; turn: string; prompt: string; at: number }

/** A decision on a gate of a turn that has not gone on yet. */
export type GateDecision = {
  gate: string
  kind: GateKind
  decision: "allow" | "deny"
  note?: string
  subject?: unknown
  by: Actor
}

/** One turn, folded. */
export type TurnState = {
  id: string
  lane: Lane
  status: TurnStatus
  prompt: string
  by: Actor
  options: TurnOptions
  from: "checkpoint" | "base"
  outcome?: Outcome
  /** How many attempts it has had. */
  attempts: number
  queuedAt: number
  startedAt?: number
  endedAt?: number
  notBefore?: number
  /** It ends `failed{expired}` unless its first attempt begins by then. */
  startBy?: number
  /** The tasks that it waits for: they must have succeeded first. */
  after?: readonly string[]
  queueReason: string
  usage: Usage
  /** Time it has run, without queue and gates; `runningSince` is set while it runs. */
  runningMs: number
  runningSince?: number
  worker?: string
  /** Attempts lost in a row with no new checkpoint between. */
  lostInRow: number
  /** How often Twolane queued it again by itself. */
  retries: number
  /** How often each guardrail rule tripped. */
  trips: Record<string, number>
  /** Red test results used up. */
  cycles: number
  /** The last checkpoint before this turn, the `from=turn` side of its diff. */
  startCheckpoint: string | null
  /** A person took back what it left. */
  undone?: true
  /** Decisions that the next attempt acts on. */
  decisions: GateDecision[]
  planAllowed: boolean
  /** `handOff`: it ends `handed_off`, since the next turn goes on with its work in the other lane. */
  cancel?: { by: Actor; reason?: string; at: number; scope: "turn" | "task"; handOff?: true }
}

/** All that is known of a task: the fold of its events, stored beside the log. */
export type TaskState = {
  id: string
  team: string
  repo: string
  title: string
  prompt: string
  by: Actor
  origin: string
  labels: string[]
  priority: Priority
  /** The base as it was asked for; null is the default branch's tip. */
  baseRef: string | null
  /** The commit that `baseRef` was at submit. */
  baseAtSubmit: string | null
  /** The candidates that are tried for one request, of which it is one. */
  group?: GroupOf
  /** The base as a SHA, fixed when the first workspace is ready. */
  base: string | null
  branch: string
  head?: string
  /** The commit that the branch has at the source; null before the first push. */
  pushed: string | null
  /**
   * Commits that turns were to push since, oldest first; absent while there are none. Where a turn ended between a push and its record the
   * branch is at one of them.
   */
  sent?: string[]
  /** The pull request that its branch has. */
  pullRequest?: { url: string; number?: number }
  createdAt: number
  startedAt?: number
  endedAt?: number
  /** The newest attempt; 0 before the first claim. */
  attempt: number
  /** Whether the newest attempt is at work: false once it ended, was released or was never claimed. */
  attemptOpen: boolean
  lastEventId: EventId
  turns: TurnState[]
  checkpoint: { sha: string; portable: boolean } | null
  /** The checkpoint that its caller's own unfinished work is, which the task began with and still goes on from. */
  brought?: string
  /** The paths that its patches touched, at most `maxTouched`. */
  touched?: string[]
  change?: ChangeSize
  /** The size of the whole change at the newest checkpoint, while no commit holds it. */
  work?: ChangeSize
  tests?: { status: TestStatus; failedAtBase?: number }
  review: Review
  usage: Usage
  gates: OpenGate[]
  steers: OpenSteer[]
  /** The keys of those whose notes its agents were given; absent while there are none. Who asked for a turn stands in the turn. */
  notedBy?: string[]
  /** Absent while there are none. */
  calls?: OpenCall[]
}

/** Where the task's branch may be at the source by what we did there: what the last known push left, or a later one whose record is missing. */
export const leftAt = ({ pushed, sent = [] }: Pick<TaskState, "pushed" | "sent">): (string | null)[] => [
  pushed,
  ...sent,
]

/** The commit that a person's verdict is about: what the last turn delivered, or the checkpoint that it left; null when there is none. */
export const headToReview = ({ head, checkpoint, work }: TaskState): string | null =>
  work !== undefined && checkpoint !== null ? checkpoint.sha : (head ?? null)

/** The commit that an accept would deliver now; null while there is none. */
export const reviewHead = (state: TaskState): string | null =>
  state.review === "discarded" || openTurn(state) !== undefined || (state.change?.files ?? 0) === 0
    ? null
    : headToReview(state)

/** Whether someone's words made a task's change: they asked for a turn, or gave a note to its agent. */
export const isAuthor = ({ by, turns, notedBy = [] }: TaskState, { key }: Actor): boolean =>
  by.key === key || turns.some(turn => turn.by.key === key) || notedBy.includes(key)

/** How often one rule may trip in a turn before the turn ends `failed{guardrail-denied}`. */
export const tripLimit = 3

/** The turn that a task's lane and status are those of. */
export const lastTurn = (state: TaskState): TurnState | undefined => state.turns.at(-1)

/** The first turn that has not ended: the one that runs, waits at a gate, or is next. */
export const openTurn = (state: TaskState): TurnState | undefined =>
  state.turns.find(turn => turn.endedAt === undefined)

/** A turn by its id. */
export const turnOf = (state: TaskState, id: string): TurnState | undefined =>
  state.turns.find(turn => turn.id === id)
