import { z } from "zod"
import { GroupOf } from "./group.ts"
import { HandoffEnd, HandoffPacket } from "./handoff.ts"
import { EventId } from "./ids.ts"
import { TurnOptions } from "./requests.ts"
import {
  Actor,
  ChangeSize,
  FileChange,
  GateKind,
  Lane,
  Outcome,
  Priority,
  Stage,
  TestStatus,
  Usage,
  Verdict,
} from "./terms.ts"

const text = z.string()
const count = z.number().int().nonnegative()
const body = <Type extends string, Shape extends z.ZodRawShape>(type: Type, shape: Shape) =>
  z.object({ type: z.literal(type), ...shape })

/** What each event says, without its id, task, turn, attempt and time. */
export const EventBody = z.discriminatedUnion("type", [
  body("task.created", {
    team: text,
    repo: text,
    title: text,
    prompt: text,
    by: Actor,
    origin: text,
    labels: z.array(text),
    priority: Priority,
    base: text.nullable(),
    /** What `base` was at submit; `workspace.ready` fixes it. */
    baseAtSubmit: text.nullable(),
    /** The candidates that are tried for one request, of which this task is one. */
    group: GroupOf.optional(),
  }),
  body("turn.queued", {
    lane: Lane,
    position: count.nullable(),
    reason: text,
    prompt: text,
    by: Actor,
    options: TurnOptions,
    notBefore: z.number().optional(),
    /** It ends `failed{expired}` unless its first attempt begins by then. */
    startBy: z.number().optional(),
    /** Tasks that must have succeeded before it may start. */
    after: z.array(text).optional(),
    /** Start over from the base instead of the last checkpoint. */
    from: z.enum(["checkpoint", "base"]).optional(),
    /** The `traceparent` of who asked, where traces are on. */
    trace: text.optional(),
    /** Set when Twolane queues a turn again by itself: why, and which try comes next. */
    again: z
      .object({
        why: z.enum(["retry", "shutdown", "gate", "after"]),
        code: text.optional(),
        retry: count.optional(),
      })
      .optional(),
  }),
  body("turn.started", {
    lane: Lane,
    worker: text,
    model: text,
    engine: text,
    base: text.nullable(),
    branch: text,
    simulated: z.boolean().optional(),
  }),
  body("attempt.lost", { lost: count, reason: text }),
  body("workspace.ready", {
    base: text,
    from: text,
    durationMs: z.number(),
    setup: z.enum(["none", "cached", "ran"]),
  }),
  body("message.done", { text }),
  body("plan.updated", {
    explanation: text.optional(),
    plan: z.array(z.object({ step: text, status: z.enum(["pending", "in_progress", "completed"]) })),
  }),
  body("context.shortened", { beforeTokens: count, afterTokens: count, dropped: count }),
  body("tool.started", { call: text, tool: text, input: z.unknown() }),
  body("tool.ended", {
    call: text,
    tool: text,
    ok: z.boolean(),
    exitCode: z.number().int().nullable().optional(),
    output: text,
    truncated: z.boolean(),
    durationMs: z.number(),
  }),
  body("patch.applied", {
    files: z.array(FileChange),
    diff: text,
    checkpoint: text,
    portable: z.boolean().optional(),
    /** The whole change, from the base to this checkpoint. */
    whole: ChangeSize.optional(),
  }),
  /** As `patch.applied`, for changes that a command, a setup or a cancel left behind. */
  body("checkpoint.saved", {
    files: z.array(FileChange),
    diff: text,
    checkpoint: text,
    portable: z.boolean().optional(),
    whole: ChangeSize.optional(),
  }),
  /** A person took the newest checkpoint back: the tree is that of `checkpoint` again, or of the base. */
  body("checkpoint.undone", {
    /** The request's own name, so that one that is repeated undoes once. */
    undo: text,
    by: Actor,
    checkpoint: text.nullable(),
    /** The branch's commit that is no newer; the base when there is none. */
    head: text,
    files: z.array(FileChange),
    diff: text,
    portable: z.boolean(),
    whole: ChangeSize,
  }),
  body("guardrail.tripped", {
    rule: text,
    stage: Stage,
    verdict: Verdict,
    detail: text,
    path: text.optional(),
  }),
  body("tests.started", { command: text, selection: text, files: z.array(text) }),
  body("tests.ended", {
    status: TestStatus,
    /** A steering note stopped them before their end: `error`, which says nothing about the tree. */
    superseded: z.literal(true).optional(),
    command: text,
    passed: count.optional(),
    failed: count.optional(),
    failedAtBase: count.optional(),
    durationMs: z.number(),
    output: text,
  }),
  body("usage.reported", {
    model: text,
    inputTokens: count,
    cachedTokens: count,
    outputTokens: count,
    costUsd: z.number().nullable(),
    ttftMs: z.number().nullable(),
    durationMs: z.number(),
  }),
  /** A model call waits for its provider's rate limit; the turn's running time stands still until `model.resumed`. */
  body("model.waiting", { detail: text, atMostMs: count }),
  body("model.resumed", { waitedMs: count }),
  body("steer.accepted", { steer: text, prompt: text, by: Actor.optional() }),
  body("steer.applied", { steer: text }),
  body("steer.rejected", { steer: text, reason: text }),
  body("cancel.requested", {
    by: Actor,
    reason: text.optional(),
    /** `turn` ends the running turn only; `task` all open turns. */
    scope: z.enum(["turn", "task"]),
    /** The next turn goes on with its work in the other lane: it ends `handed_off`. */
    handOff: z.literal(true).optional(),
  }),
  body("cancel.confirmed", {
    ms: z.number(),
    killed: count,
    proof: z.enum(["worker", "never_started", "lease", "group"]),
  }),
  body("gate.opened", { gate: text, kind: GateKind, detail: text, subject: z.unknown().optional() }),
  body("gate.decided", {
    gate: text,
    decision: z.enum(["allow", "deny", "closed"]),
    by: Actor,
    note: text.optional(),
  }),
  body("budget.warning", {
    which: text,
    used: z.number(),
    limit: z.number(),
    /** Why the limit is not kept, when it can't be. */
    skipped: text.optional(),
  }),
  body("handoff.created", { from: HandoffEnd, to: HandoffEnd, packet: HandoffPacket }),
  body("change.ready", {
    branch: text,
    base: text,
    head: text,
    files: count,
    added: count,
    removed: count,
    /** False when the commit is too large to travel to another machine through Redis. */
    portable: z.boolean().optional(),
  }),
  body("branch.pushed", { remote: text, branch: text, head: text }),
  body("pull_request.opened", { url: text, number: count.optional() }),
  body("turn.ended", { outcome: Outcome, usage: Usage }),
  body("task.reviewed", {
    decision: z.enum(["accepted", "discarded"]),
    by: Actor,
    how: text.optional(),
    /** Discarded because this other candidate of its group was accepted. */
    chosen: text.optional(),
  }),
])
export type EventBody = z.infer<typeof EventBody>
export type EventType = EventBody["type"]

/** The types of all events that are stored. */
export const eventTypes: readonly EventType[] = EventBody.options.map(({ shape }) => shape.type.value)

/** Live pieces of text: never stored, no id; the event that ends them has the whole. */
export const DeltaBody = z.discriminatedUnion("type", [
  body("message.delta", { text }),
  body("tool.delta", { call: text, text }),
])
export type DeltaBody = z.infer<typeof DeltaBody>

/** Whether a piece of one turn goes on where the one before it ended: then both are one, and its text is joined. */
export const continuesDelta = (last: DeltaBody, next: DeltaBody): boolean =>
  last.type === "tool.delta"
    ? next.type === "tool.delta" && next.call === last.call
    : next.type === "message.delta"

/** A fact as its writer states it, before the store gives it an id; `turn` is null for facts about the whole task. */
export type NewEvent = EventBody & { turn: string | null; at: number }

const Envelope = z.object({ id: EventId, task: text, turn: text.nullable(), attempt: count, at: z.number() })
/** An immutable fact about a task. */
export const TaskEvent = z.intersection(Envelope, EventBody)
export type TaskEvent = z.infer<typeof Envelope> & EventBody

/** A live piece of text of a task. */
export type TaskDelta = { task: string; turn: string; attempt: number; at: number } & DeltaBody

/** The number of open tickets and turns of a lane, sent on the team's stream at most twice a second. */
export type QueueChanged = { type: "queue.changed"; lane: Lane; waiting: number; running: number }
