import { randomUUID } from "node:crypto"
import {
  type EventId,
  foldEvents,
  type NewEvent,
  type TaskEvent,
  type TaskState,
  type TranscriptEntry,
} from "@twolane/protocol"
import type { Context } from "../context.ts"
import { taskKeys } from "../keys.ts"
import type { TaskRef } from "../port.ts"
import { withDeadline } from "../redis/deadline.ts"
import type { Effect } from "./effect.ts"
import { withEndings } from "./endings.ts"
import { encodeFold } from "./fold-json.ts"
import { encodeEvent, nameEvents } from "./log.ts"

/** A worker's wish to run the next attempt. */
export type Claim = { worker: string; host: string; generation: number }

/** One write as it goes to Redis: ids predicted, fold made. */
export type Write = {
  ref: TaskRef
  before: TaskState | null
  after: TaskState
  events: TaskEvent[]
  stored: readonly NewEvent[]
  /** How many of the events come before the claim, and belong to the attempt before. */
  lead: number
  /** `create`; `write`; or `over`: only when no lease is live. */
  mode: "create" | "write" | "over"
  attempt?: number
  claim?: Claim
  transcript: readonly TranscriptEntry[]
  effect?: Effect
  /** Names this write, so that one whose answer was lost is not done twice. */
  nonce: string
}

/** What the writer wants; `prepare` makes a `Write` of it. */
export type Wish = {
  ref: TaskRef
  before: TaskState | null
  events: readonly NewEvent[]
  /** Of a claim that brings its turn with it: what comes before the claim. */
  lead?: readonly NewEvent[]
  mode?: Write["mode"]
  attempt?: number | undefined
  claim?: Claim
  transcript?: readonly TranscriptEntry[] | undefined
  effect?: Effect | undefined
}

/** Folds a wish beforehand: the ids are known, since Redis takes it only on top of `before`. */
export const prepare = (wish: Wish): Write => {
  const { ref, before, claim, attempt, effect } = wish
  const newest = before?.attempt ?? 0
  const lead = withEndings(before, wish.lead ?? [])
  const led = nameEvents(ref.task, before?.lastEventId ?? "0-0", newest, lead)
  const between = led.length === 0 ? before : foldEvents(before, led)
  const rest = withEndings(between, wish.events)
  const number = claim === undefined ? newest : newest + 1
  const named = nameEvents(ref.task, between?.lastEventId ?? "0-0", number, rest)
  return {
    ref,
    before,
    after: foldEvents(between, named),
    events: [...led, ...named],
    stored: [...lead, ...rest],
    lead: lead.length,
    mode: wish.mode ?? (before === null ? "create" : "write"),
    ...(attempt === undefined ? {} : { attempt }),
    ...(claim === undefined ? {} : { claim }),
    ...(effect === undefined ? {} : { effect }),
    transcript: wish.transcript ?? [],
    nonce: randomUUID(),
  }
}

/**
 * What Redis said: stored (with the host that last claimed the task); or refused: the id is taken, there is no such task, the
 * attempt is not the newest, a lease is live, the ticket is of an older generation, or the log went on (`moved`).
 */
export type Appended =
  | { ok: true; host: string }
  | { ok: false; why: "exists" | "absent" | "stale" | "leased" | "old" | "moved" }

/** Compares and appends, by the one function that writes tasks. */
export const append = async (context: Context, write: Write): Promise<Appended> => {
  const keys = taskKeys(write.ref)
  const reply = await withDeadline(
    context.run("task-append", [keys.state, keys.log, keys.script, keys.effects], argsOf(context, write)),
  )
  const [word, , host] = reply as [string, EventId?, string?]
  if (word === "ok") return { ok: true, host: host ?? "" }
  return { ok: false, why: word as Exclude<Appended, { ok: true }>["why"] }
}

const argsOf = (context: Context, write: Write) => [
  write.mode,
  write.before?.lastEventId ?? "0-0",
  write.attempt ?? "",
  write.claim?.generation ?? "",
  write.claim?.worker ?? "",
  write.claim?.host ?? "",
  context.timing.leaseMs,
  write.after.attemptOpen ? "" : "1",
  write.nonce,
  encodeFold(write.after),
  taskKeys(write.ref).live,
  write.effect?.op ?? "",
  write.effect === undefined ? "" : JSON.stringify(write.effect),
  write.lead,
  write.stored.length,
  ...write.stored.map(encodeEvent),
  ...write.transcript.map(entry => JSON.stringify(entry)),
]
