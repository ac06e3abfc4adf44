import { z } from "zod"
import type { TaskDelta } from "./events.ts"
import { TaskEvent } from "./events.ts"
import { EventId } from "./ids.ts"
import {
  CancelRequest,
  EmptyRequest,
  GateRequest,
  SteerRequest,
  TaskRequest,
  TurnRequest,
} from "./requests.ts"
import { Problem } from "./resources.ts"

const task = z.string().min(1).max(100)

/** What every request says: its own name, which its answer repeats. */
const named = { id: z.string().min(1).max(100) }
/** A request with an effect acts once for each key, as over HTTP. */
const acting = {
  ...named,
  idempotencyKey: z
    .string()
    .regex(/^[\x21-\x7e]{1,255}$/, "must be 1 to 255 visible ASCII characters")
    .optional(),
}
/** A request that may become a fast turn. */
const asking = {
  ...acting,
  /** By default the turn is interrupted when the socket closes; `continue` lets it go on. */
  onDisconnect: z.enum(["continue"]).optional(),
  /** The task's events come after this one, which the caller has already: of use when the request is sent again. */
  after: EventId.optional(),
}

type Bodies = Readonly<
  Record<"submit" | "turn" | "steer" | "interrupt" | "cancel" | "undo" | "gate", z.ZodType>
>

const requestsWith = <Of extends Bodies>(bodies: Of) =>
  z.discriminatedUnion("type", [
    z.strictObject({ type: z.literal("submit"), ...asking, body: bodies.submit as Of["submit"] }),
    z.strictObject({ type: z.literal("turn"), ...asking, task, body: bodies.turn as Of["turn"] }),
    z.strictObject({ type: z.literal("steer"), ...acting, task, body: bodies.steer as Of["steer"] }),
    z.strictObject({
      type: z.literal("interrupt"),
      ...acting,
      task,
      body: bodies.interrupt as Of["interrupt"],
    }),
    z.strictObject({ type: z.literal("cancel"), ...acting, task, body: bodies.cancel as Of["cancel"] }),
    z.strictObject({ type: z.literal("undo"), ...acting, task, body: bodies.undo as Of["undo"] }),
    z.strictObject({
      type: z.literal("gate"),
      ...acting,
      task,
      gate: z.string().min(1).max(100),
      body: bodies.gate as Of["gate"],
    }),
    z.strictObject({ type: z.literal("subscribe"), ...named, task, after: EventId.optional() }),
    z.strictObject({ type: z.literal("unsubscribe"), ...named, task }),
  ])

/**
 * What a client sends over `WS /v1/live`, a JSON text message each. `submit`, `turn`, `steer`, `interrupt`, `cancel`, `undo` and `gate` are the
 * HTTP calls of these names, with the same bodies; `subscribe` and `unsubscribe` begin and end a task's events.
 */
export const LiveRequest = requestsWith({
  submit: TaskRequest,
  turn: TurnRequest,
  steer: SteerRequest,
  interrupt: EmptyRequest.optional(),
  cancel: CancelRequest.optional(),
  undo: EmptyRequest.optional(),
  gate: GateRequest,
})
export type LiveRequest = z.input<typeof LiveRequest>

const someBody = z.unknown().default({})
/** As `LiveRequest`, with bodies that are not looked at yet: the route that each goes to does that. */
export const LiveEnvelope = requestsWith({
  submit: someBody,
  turn: someBody,
  steer: someBody,
  interrupt: someBody,
  cancel: someBody,
  undo: someBody,
  gate: someBody,
})
export type LiveEnvelope = z.infer<typeof LiveEnvelope>

/**
 * What comes down over `WS /v1/live`. `begun` says that a fast worker has the turn, whose
 * events come after the one named; `ok` or `problem` answers a request once, with the
 * status and body of the HTTP call, for a fast turn when it has ended (`id` is null for a message that named none). `event` is an event,
 * or live text without an `id` of its own. `stopped`: a task's events come no more, subscribe again. `beat`: the connection lives.
 */
export const LiveMessage = z.union([
  z.object({ event: TaskEvent }),
  z.object({ id: z.string(), begun: z.object({ task: z.string(), turn: z.string(), after: EventId }) }),
  z.object({
    id: z.string(),
    status: z.number().int(),
    ok: z.unknown(),
    replayed: z.literal(true).optional(),
  }),
  z.object({ id: z.string().nullable(), problem: Problem, retryAfterSeconds: z.number().optional() }),
  z.object({ stopped: z.object({ task: z.string(), problem: Problem }) }),
  z.object({ beat: z.number().int() }),
])
export type LiveMessage =
  | Exclude<z.infer<typeof LiveMessage>, { event: unknown }>
  | { event: TaskEvent | TaskDelta }

/** Why a gateway closed a live socket, beside the codes of RFC 6455 (1001: it stops, come back; 1009: a message was too large). */
export const liveCloseCodes = { unauthorized: 4401, tooSlow: 4408 } as const
