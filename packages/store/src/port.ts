/**
 * What the rest of Twolane may do with Redis. One `Store` a process. Every call has a deadline of its own and rejects with
 * `Fault("store-unavailable")` when Redis does not answer; other expected ends are values.
 */

import type { RateBook } from "@twolane/common/rates/share"
import type {
  Actor,
  CredentialRequest,
  DeltaBody,
  EventId,
  Gate,
  GithubLink,
  Kpi,
  Lane,
  NewEvent,
  Page,
  QueueChanged,
  Repo,
  Task,
  TaskDelta,
  TaskEvent,
  TaskState,
  TranscriptEntry,
  TurnStatus,
  WorkerView,
} from "@twolane/protocol"
import type { AccessStore } from "./access/port.ts"
import type { ArchiveStore } from "./archive/port.ts"
import type { AuditStore } from "./audit/port.ts"
import type { ChatStore } from "./chat/port.ts"
import type { DiskStore } from "./disk/port.ts"
import type { InboxStore } from "./inbox/port.ts"
import type { Total } from "./kpis/total.ts"
import type { MakeLease } from "./lease/port.ts"
import type { QueueStore } from "./queue/port.ts"
import type { SpendStore } from "./spend/port.ts"
import type { Effect, EffectResult } from "./task/effect.ts"
import type { WebhookStore } from "./webhooks/port.ts"
import type { DirectRefusal, DirectTurn, DirectWish } from "./worker/direct.ts"
import type { Doors, DoorsOf, ForTurn, Ways } from "./worker/doors.ts"

/** A task's address. */
export type TaskRef = { team: string; task: string }

/**
 * One write to a task: reads the state, asks `decide` for the events that follow from it, and stores them with the new fold in one
 * compare-and-append function; when the log grew meanwhile it reads again and asks again (so `decide` is pure and may run often).
 * `decide` may throw a Fault, which `change` passes on. No events: nothing is written.
 */
export type Change = TaskRef & {
  /** A worker's attempt: refused (`stale`) unless it is the task's newest and its lease has not passed on. Absent: the gateway writes. */
  attempt?: number
  decide: (state: TaskState, now: number) => readonly NewEvent[]
  /** Stored in the same function as the events. */
  transcript?: readonly TranscriptEntry[]
  /** An effect for the outbox, stored in the same function as the events. */
  effect?: Effect
}
export type ChangeResult =
  | { ok: true; state: TaskState; events: TaskEvent[] }
  | { ok: false; why: "stale" | "absent" }

/** A new task: its id is chosen beforehand, so that a repeated call finds the first one's task. */
export type NewTask = TaskRef & {
  events: readonly NewEvent[]
  /** The pack of the checkpoint that the events bring, so that any worker can begin from it. */
  pack?: { checkpoint: string; pack: Uint8Array }
}

/** A task that was created, or the one that had its id. */
export type CreateResult =
  | { ok: true; state: TaskState; events: TaskEvent[] }
  | { ok: false; why: "exists"; state: TaskState }

export type TaskFilter = {
  lane?: Lane
  status?: TurnStatus
  repo?: string
  label?: string
  by?: string
  q?: string
}

/** Why a running attempt must stop; the reason of its abort signal. The first cause wins. */
export type AbortCause =
  | { by: "user"; scope: "turn" | "task"; actor: Actor; reason?: string; requestedAt: number; handOff?: true }
  | { by: "disconnect" } // whoever asked for the turn is gone
  | { by: "superseded" } // a newer attempt owns the task, or the lease cannot be proven: write nothing more
  | { by: "shutdown" }
  | { by: "deadline"; which: string }

/** One claimed turn, in the hands of the worker that runs it. */
export type Attempt = TaskRef & {
  readonly turn: string
  readonly attempt: number
  /** Aborts with an `AbortCause`; learnt by wake-up or, at the latest, by the next beat (1 s). */
  readonly signal: AbortSignal
  /** The newest fold known here; follows the gateway's writes (steers, cancels) by wake-up and beat. */
  state(): TaskState
  /** Resolves at the next change of `state()` that this attempt did not write itself (a steer, for example). */
  changed(signal: AbortSignal): Promise<void>
  /** Writes events (see `Change`), `atOnce` within this tick where it can; throws the signal's reason when a newer attempt is there. */
  write(
    events: readonly NewEvent[] | ((state: TaskState, now: number) => readonly NewEvent[]),
    more?: { transcript?: readonly TranscriptEntry[]; atOnce?: boolean },
  ): Promise<TaskEvent[]>
  /** The task's transcript, oldest first: all of it, or from the entry with that index on; it only ever grows. */
  transcript(from?: number): Promise<TranscriptEntry[]>
  /** Calls until Redis answers, or this attempt is lost: for what a turn reads and keeps beside its events. */
  insist<Value>(call: () => Promise<Value>): Promise<Value>
  /** When the lease was last proved (monotonic, ms). */
  readonly provedAt: () => number
  /** Live text: gathered and published every 20 ms; never waits, never fails. */
  delta(delta: DeltaBody): void
  now(): number
}

/** What a worker process runs: never rejects for an expected end, and leaves nothing behind. It writes `turn.ended`, or queues the turn again (`turn.queued` with `again`), or opens a gate, before it resolves; when it did not (a bug), the store writes `failed{internal}`. */
export type RunTurn = (attempt: Attempt) => Promise<void>

/** Which attempt of which turn. */
export type AttemptRef = TaskRef & { turn: string; attempt: number }

/** What a worker says of itself. */
export type WorkerOptions = {
  lane: Lane
  id: string
  capacity: number
  version: string
  sandbox: WorkerView["sandbox"]
  /** Workers of one host share mirrors: path sources, and checkpoints too large to travel, are served only there. */
  host: string
  /** The host of its model's provider, for limits of turns at once. */
  provider?: string
  /** Facts for `turn.started`; base and checkpoint come from the task. */
  started: (state: TaskState) => { model: string; engine: string; simulated?: boolean }
  /** Why it can take no new turns now (disk full …), asked each beat; null when it can. */
  holding: () => string | null
  /** Where it takes turns directly; told to gateways alone. */
  ways?: Ways
  /** The tasks whose workspaces it keeps warm, asked each beat. */
  keeps?: () => readonly string[]
  run: RunTurn
  /** Hears of each attempt that is over, once all that it wrote is stored. */
  left?: (attempt: AttemptRef) => void
  /**
   * Does an effect of the outbox, and writes the events that follow from it; called again after a crash, so it looks first whether
   * it was done. What it throws is tried again, five times at most.
   */
  deliver: (ref: TaskRef, state: TaskState, effect: Effect, signal: AbortSignal) => Promise<EffectResult>
}

/** A worker at work: tickets, claims, the beat, the self-fence. Disposing it drains: running attempts are aborted with `shutdown` and awaited. */
export type WorkerHandle = AsyncDisposable & {
  /**
   * Takes a turn that came directly: appends the events that bring it and claims it, in one write. It resolves once that write is on
   * its way, so that the work may begin beside it; everything that the attempt writes waits for it. `known` is the
   * task as the worker has it in mind: it is read again unless it is the one that was decided on.
   */
  claim(wish: DirectWish, known: TaskState | null): Promise<DirectTurn | { refused: DirectRefusal }>
  /** Says what it does and keeps at once, not at the next beat. */
  announce(): Promise<void>
  /** Stops taking tickets; what runs goes on until `graceMs` has passed, then it is aborted with `shutdown`. */
  drain(graceMs: number): Promise<void>
}

/** Redis as the start-up check found it: refusals stop the start (promise I31), warnings are printed and shown by `doctor`. */
export type StoreCheck = { refusals: string[]; warnings: string[]; version: string }

export type Idempotent =
  | { state: "new" }
  | { state: "replay"; status: number; body: unknown; headers?: Record<string, string> }
  /** Reserved by a request that never finished (or still runs): `subject` is what it had chosen (a task id). */
  | { state: "reserved"; subject: string; ageMs: number }
  | { state: "conflict" }

type Parts = QueueStore & SpendStore

export type Store = Parts & {
  /** Ends what it does, and closes its connections. */
  [Symbol.asyncDispose](): Promise<void>
  /** Redis' clock, epoch ms, by a kept offset; no round trip. */
  now(): number
  check(): Promise<StoreCheck>
  ping(): Promise<void>

  /** Creates a task with its first events, indexes it, and queues its first turn. `exists` when the id is there already. */
  create(task: NewTask): Promise<CreateResult>
  /** As `create` for many; the order of the results is that of the tasks. */
  createMany(tasks: readonly NewTask[]): Promise<CreateResult[]>
  /** Creates a group's candidates out of the first one, whose first event names them all; answers with their tasks, or those that are there. */
  createGroup(first: NewTask): Promise<TaskState[]>
  /** Makes those candidates of a group that are missing, which its first task names; answers with the tasks of all. */
  completeGroup(first: TaskState): Promise<TaskState[]>
  read(ref: TaskRef): Promise<TaskState | null>
  /** A task of whichever team, by its id alone: for what is shown to anyone who holds a link. */
  find(task: string): Promise<TaskState | null>
  readMany(team: string, tasks: readonly string[]): Promise<(TaskState | null)[]>
  change(change: Change): Promise<ChangeResult>
  list(team: string, filter: TaskFilter, page: { limit: number; cursor?: string }): Promise<Page<Task>>
  /** The repo's tasks that are at work or wait at a gate, newest first, at most 50. */
  active(team: string, repo: string): Promise<TaskState[]>
  /** How many tasks stand in each status, of those that a filter leaves. */
  counts(team: string, filter: Omit<TaskFilter, "status" | "q">): Promise<Record<TurnStatus, number>>
  gates(team: string, page: { limit: number; cursor?: string }): Promise<Page<Gate>>

  /** The log after `after`, oldest first, at most `limit` events. */
  events(ref: TaskRef, after: EventId, limit: number): Promise<TaskEvent[]>
  /** The log after `after`, then live, with deltas; ends only by the signal (it rejects with nothing then: it returns). */
  follow(ref: TaskRef, after: EventId, signal: AbortSignal): AsyncIterable<TaskEvent | TaskDelta>
  /** The team's stream; `cursor` null starts now. Yields `reset` first when the cursor is older than what is kept. */
  followTeam(
    team: string,
    cursor: string | null,
    signal: AbortSignal,
  ): AsyncIterable<{ cursor: string; event: TaskEvent } | { reset: true } | QueueChanged>

  /** What a worker tells the others of providers' rate limits, and hears from them. */
  rateBook(worker: string): RateBook
  workers(): Promise<WorkerView[]>
  /**
   * Lets a worker take no new turns (what it has goes on), or take turns again. It hears of it at its next beat, and says so in `holding`.
   * Null when it is not there.
   */
  setDrained(worker: string, drained: boolean): Promise<WorkerView | null>
  /** The workers of a lane that take turns directly and can go on with this task, and whether the lane is paused. */
  doors(lane: Lane, of: DoorsOf): Promise<Doors>
  /** Reads a task, and beside it the doors for its next turn. It leaves at once: its caller has other work meanwhile. */
  readForTurn(lane: Lane, ref: TaskRef): ForTurn
  /** The newest result of an effect, waiting for it at most `timeoutMs`; null when there is none yet. */
  effectResult(ref: TaskRef, op: string, timeoutMs: number, signal: AbortSignal): Promise<EffectResult | null>

  createRepo(repo: Repo): Promise<boolean>
  repo(team: string, name: string): Promise<Repo | null>
  repos(team: string, page: { limit: number; cursor?: string }): Promise<Page<Repo>>
  /** False when it was not there. */
  deleteRepo(team: string, name: string): Promise<boolean>
  /** Encrypted at rest (AES-256-GCM by TWOLANE_SECRET_KEY); null deletes. */
  setCredential(team: string, repo: string, credential: CredentialRequest | null): Promise<void>
  credential(team: string, repo: string): Promise<CredentialRequest | null>
  setSecret(team: string, repo: string, name: string, value: string | null): Promise<void>
  secrets(team: string, repo: string): Promise<Record<string, string>>
  /** Links a repo with its repository at GitHub, or with null unlinks it; false when another repo has that one. */
  linkGithub(team: string, repo: string, link: GithubLink | null): Promise<boolean>
  /** The teams that have repos at GitHub. */
  githubTeams(): Promise<string[]>
  findGithubRepo(repository: number): Promise<Repo | null>
  /** How many open turns the repo has. */
  openTurns(team: string, repo: string): Promise<number>

  /** Keys, sessions and sign-in links. */
  access: AccessStore
  /** Finished tasks that left Redis. */
  archive: ArchiveStore
  /** The machines' disks. */
  disk: DiskStore
  /** Who did what. */
  audit: AuditStore
  /** Who hears of events by HTTP, and what was sent to them. */
  webhooks: WebhookStore
  /** Who is who on chat platforms, and what goes there. */
  chat: ChatStore
  /** What platforms sent to us, until it is worked. */
  inbox: InboxStore
  lease: MakeLease

  reserve(caller: string, key: string, bodyHash: string, subject: string): Promise<Idempotent>
  settle(
    caller: string,
    key: string,
    answer: { status: number; body: unknown; headers?: Record<string, string>; json?: string },
  ): Promise<void>
  /** Takes a reservation back when the request was refused before it had any effect. */
  unreserve(caller: string, key: string): Promise<void>

  /** The newest checkpoint's pack against the base, so that any worker can go on; fenced by the attempt. */
  savePack(ref: TaskRef, attempt: number, checkpoint: string, pack: Uint8Array): Promise<boolean>
  pack(ref: TaskRef): Promise<{ checkpoint: string; pack: Uint8Array } | null>

  kpis(
    team: string,
    query: { window: "1h" | "24h" | "7d" | "30d"; lane?: Lane; repo?: string; model?: string },
  ): Promise<Kpi[]>

  /** The cumulative metrics of all turns of all workers and teams: the same in every process, never reset while Redis lives. */
  totals(): Promise<Total[]>
  startWorker(options: WorkerOptions): Promise<WorkerHandle>
  /** Runs picker, sweep and reconciler under a short lease; every gateway and worker process calls it once. */
  startUpkeep(): AsyncDisposable
}
