import { z } from "zod"
import { GroupOf } from "./group.ts"
import { QueueHold } from "./queue-hold.ts"
import { QueueLimits } from "./queue-limits.ts"
import {
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

const at = z.number().int()
const count = z.number().int().nonnegative()

/** Which repository at GitHub a repo is, through which installation of the App, and what comments there may start. */
export const GithubLink = z.object({
  installation: z.number().int(),
  repository: z.number().int(),
  /** Its name when it was linked: for people to read. */
  fullName: z.string(),
  /** An issue that gets it starts a task. */
  label: z.string().optional(),
  /** How many turns in a row a failing check of a pull request of ours starts. */
  fixTurns: count,
})
export type GithubLink = z.infer<typeof GithubLink>

/** A registered git repository. */
export const Repo = z.object({
  name: z.string(),
  team: z.string(),
  source: z.string(),
  defaultBranch: z.string(),
  createdAt: at,
  /** The host whose workers alone can serve a path source. */
  host: z.string().optional(),
  credential: z.enum(["none", "token", "ssh"]),
  secrets: z.array(z.string()),
  notices: z.array(z.string()).optional(),
  github: GithubLink.optional(),
})
export type Repo = z.infer<typeof Repo>

/** Where a waiting turn stands, why, and about when it starts. */
export const QueuePlace = z.object({
  position: count,
  reason: z.string(),
  /** Why it cannot start now, in one word for programs; absent where only others go first. */
  hold: QueueHold.optional(),
  etaMs: z.number().optional(),
  /** The tasks that must succeed before it stands in line. */
  after: z.array(z.string()).optional(),
  /** Before this time it does not stand in line; absent once it has come. */
  notBefore: z.number().optional(),
  /** Unless it begins by then, it ends. */
  startBy: z.number().optional(),
})
export type QueuePlace = z.infer<typeof QueuePlace>

export const Turn = z.object({
  id: z.string(),
  lane: Lane,
  status: TurnStatus,
  prompt: z.string(),
  outcome: Outcome.optional(),
  attempts: count,
  queuedAt: at,
  startedAt: at.optional(),
  endedAt: at.optional(),
  usage: Usage,
})
export type Turn = z.infer<typeof Turn>

/** A gate that waits for a person. */
export const Gate = z.object({
  id: z.string(),
  task: z.string(),
  turn: z.string(),
  repo: z.string(),
  title: z.string(),
  kind: GateKind,
  detail: z.string(),
  subject: z.unknown().optional(),
  openedAt: at,
})
export type Gate = z.infer<typeof Gate>

/** Another open task that works on the same files. */
export const Overlap = z.object({ task: z.string(), title: z.string(), paths: z.array(z.string()) })
export type Overlap = z.infer<typeof Overlap>

/** A task as every surface shows it. */
export const Task = z.object({
  id: z.string(),
  team: z.string(),
  repo: z.string(),
  lane: Lane,
  status: TurnStatus,
  title: z.string(),
  prompt: z.string(),
  by: Actor,
  origin: z.string(),
  labels: z.array(z.string()),
  /** The candidates that are tried for one request, of which it is one; `GET /v1/groups/:id` compares them. */
  group: GroupOf.optional(),
  priority: Priority,
  base: z.string().nullable(),
  behind: count.optional(),
  branch: z.string(),
  head: z.string().optional(),
  /** The pull request that its branch has. */
  pullRequest: z.object({ url: z.string(), number: count.optional() }).optional(),
  createdAt: at,
  startedAt: at.optional(),
  endedAt: at.optional(),
  turns: z.array(Turn),
  queue: QueuePlace.optional(),
  gates: z.array(Gate),
  change: ChangeSize.optional(),
  tests: z.object({ status: TestStatus, failedAtBase: count.optional() }).optional(),
  review: Review,
  /** The commit that an accept delivers now. Sent back as `head` with the accept, nothing else is delivered. */
  reviewHead: z.string().optional(),
  usage: Usage,
  /** Open tasks of the repo that touch the same files, or files that it may change; absent without any. */
  overlaps: z.array(Overlap).optional(),
  lastEventId: z.string(),
})
export type Task = z.infer<typeof Task>

/** A page of a list; `nextCursor` is null on the last one. */
export const pageOf = <Item extends z.ZodType>(item: Item) =>
  z.object({ items: z.array(item), nextCursor: z.string().nullable() })
export type Page<Item> = { items: Item[]; nextCursor: string | null }

/**
 * A model provider's rate limits as one lane meets them: `short` where its calls wait for room, `blocked` where the provider asked to be
 * left alone. Named by host and model, never by its key.
 */
export const ProviderRate = z.object({
  host: z.string(),
  model: z.string(),
  state: z.enum(["open", "short", "blocked"]),
  reason: z.string().nullable(),
  opensAt: at.nullable(),
  inFlight: count,
  waiting: count,
  /** What the provider said of its limits, and what should be left by now; null where it said nothing. */
  requests: z.object({ limit: z.number(), remaining: z.number() }).nullable(),
  tokens: z.object({ limit: z.number(), remaining: z.number() }).nullable(),
})
export type ProviderRate = z.infer<typeof ProviderRate>

/** What one lane's queue does now; `ratePerHour` counts turns ended in the last hour. */
export const LaneQueue = z.object({
  waiting: count,
  running: count,
  slots: count,
  /** What the team sees of the lane's limits: the lane's, and its own. */
  limits: QueueLimits,
  /** The team's repos of which no turn starts. */
  pausedRepos: z.array(z.string()),
  oldestWaitMs: z.number(),
  ratePerHour: z.number(),
  etaMs: z.number().nullable(),
  paused: z.boolean(),
  providers: z.array(ProviderRate),
})
export type LaneQueue = z.infer<typeof LaneQueue>
export const QueueView = z.object({ lanes: z.object({ fast: LaneQueue, deep: LaneQueue }) })
export type QueueView = z.infer<typeof QueueView>

/** A worker process that is there now. */
export const WorkerView = z.object({
  id: z.string(),
  lane: Lane,
  host: z.string(),
  pid: count,
  version: z.string(),
  since: at,
  seenAt: at,
  capacity: count,
  /** Whether the workspace has a jail: commands are refused without one. */
  sandbox: z.enum(["jail", "off", "none"]),
  /** Why it takes no new turns, such as a full disk; absent while it does. */
  holding: z.string().optional(),
  /** The host of its model's provider. */
  provider: z.string().optional(),
  /** How many turns it has. */
  busy: count,
  /** Those of the caller's team. */
  turns: z.array(z.object({ team: z.string(), task: z.string(), turn: z.string(), since: at })),
})
export type WorkerView = z.infer<typeof WorkerView>

/** One KPI over a window: how many turns were measured, how many never reached the mark, and how it was spread. */
export const Kpi = z.object({
  name: z.string(),
  lane: Lane,
  unit: z.enum(["ms", "ratio", "count", "tokens", "usd"]),
  count,
  never: count,
  p50: z.number().nullable(),
  p90: z.number().nullable(),
  p99: z.number().nullable(),
  rate: z.number().nullable(),
  series: z.array(z.object({ at, count, p50: z.number().nullable(), rate: z.number().nullable() })),
})
export type Kpi = z.infer<typeof Kpi>

/** RFC 9457, as every error of the API answers. */
export const Problem = z.object({
  type: z.string(),
  title: z.string(),
  status: z.number().int(),
  detail: z.string(),
  code: z.string(),
  requestId: z.string(),
  retryable: z.boolean(),
  errors: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
})
export type Problem = z.infer<typeof Problem>
