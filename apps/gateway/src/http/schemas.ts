import { GateId, GroupId, HookId, KeyId, Problem, pageOf, RepoName, Task, TaskId } from "@twolane/protocol"
import { z } from "zod"
import { problemType } from "./problem.ts"

/** Path of a task. */
export const TaskPath = z.strictObject({ id: TaskId })
/** Path of a group of candidates. */
export const GroupPath = z.strictObject({ id: GroupId })
/** Path of a gate. */
export const GatePath = z.strictObject({ id: TaskId, gate: GateId })
/** Path of a key. */
export const KeyPath = z.strictObject({ id: KeyId })
/** Path of a webhook. */
export const HookPath = z.strictObject({ id: HookId })
/** Path of a message to a webhook. */
export const MessagePath = z.strictObject({
  id: HookId,
  message: z.string().regex(/^msg_[0-9a-z]{26}(?:_\d{1,9}-\d{1,9})?$/),
})
/** Path of a repo. */
export const RepoPath = z.strictObject({ name: RepoName })
/** Path of a secret: an environment variable's name. */
export const SecretPath = z.strictObject({
  name: RepoName,
  key: z.string().regex(/^[A-Za-z_][A-Za-z0-9_]{0,99}$/),
})

/** Which page of a list. */
export const PageQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z.string().min(1).max(500).optional(),
})
/** The page that a query asks for. */
export const pageAsked = ({
  limit,
  cursor,
}: z.infer<typeof PageQuery>): { limit: number; cursor?: string } => ({
  limit,
  ...(cursor === undefined ? {} : { cursor }),
})
/** A query that says nothing. */
export const NoQuery = z.strictObject({})

/** The answer to everything that a route refuses. */
export const problems = {
  default: {
    description: "A problem document.",
    content: { [problemType]: { schema: Problem } },
  },
}

/** A list's answer. */
export const listOf = <Item extends z.ZodType>(item: Item) => ({ 200: pageOf(item), ...problems })

/** What a request that may become a fast turn can say beside its body. */
export const FastQuery = z.strictObject({
  /** By default a caller that leaves interrupts its turn; `continue` lets it go on. */
  onDisconnect: z.enum(["continue"]).optional(),
})

/** What becomes of a fast turn whose caller leaves. */
export const disconnectOf = ({
  onDisconnect,
}: z.infer<typeof FastQuery>): { onDisconnect: "interrupt" | "continue" } => ({
  onDisconnect: onDisconnect ?? "interrupt",
})

/** The answer to a fast turn: its stream, or the task when it has ended. */
export const fastAnswer = {
  description: "In the fast lane: the turn's events as they happen, or the task when the turn has ended.",
  content: {
    "application/json": { schema: Task },
    "text/event-stream": { schema: z.string() },
  },
}
