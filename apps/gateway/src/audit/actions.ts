import { type AuditRecord, QueueLimitsChange } from "@twolane/protocol"

/** What a request asks for, as its record says it. */
export type Described = Pick<AuditRecord, "action" | "object"> & { detail?: Record<string, unknown> }

type Asked = {
  params: Record<string, string | undefined>
  body: Record<string, unknown>
  /** The id that the request chose for what it makes. */
  subject: string
}
type Describe = (asked: Asked) => Described

/** A request about one task; `said` are the fields of its body that matter later. */
const onTask =
  (action: string, said: readonly string[] = [], made?: string): Describe =>
  ({ params, body, subject }) => {
    const detail = { ...pick(body, said), ...(made === undefined ? {} : { [made]: subject }) }
    return { action, object: { kind: "task", id: params.id ?? "" }, detail }
  }

const onRepo =
  (action: string, said: readonly string[] = []): Describe =>
  ({ params, body }) => ({
    action,
    object: { kind: "repo", id: params.name ?? textOf(body.name) },
    detail: { ...pick(body, said), ...(params.key === undefined ? {} : { secret: params.key }) },
  })

const onQueue =
  (action: string, said: readonly string[], lane = "both"): Describe =>
  ({ body }) => ({ action, object: { kind: "queue", id: textOf(body.lane, lane) }, detail: pick(body, said) })

const onWorker =
  (action: string): Describe =>
  ({ params }) => ({ action, object: { kind: "worker", id: params.worker ?? "" } })

const onWebhook =
  (action: string): Describe =>
  ({ params }) => ({ action, object: { kind: "webhook", id: params.id ?? "" } })

const onSession =
  (action: string): Describe =>
  () => ({ action, object: { kind: "session", id: "own" } })

const onPlatform =
  (action: string, kind: string, last: "user" | "channel"): Describe =>
  ({ params, body }) => ({
    action,
    object: { kind, id: [params.platform, params.workspace, params[last]].join("/") },
    detail: pick(body, ["repo"]),
  })

/**
 * How each route with an effect is recorded. Prompts, notes, credentials and secrets are no part of it: what people said to a task is in
 * the task's own log.
 */
export const actions: Readonly<Record<string, Describe | undefined>> = {
  "POST /v1/tasks": ({ body, subject }) => ({
    action: "task.submit",
    object: { kind: "task", id: subject },
    detail: pick(body, ["repo", "lane", "publish", "candidates"]),
  }),
  "POST /v1/tasks/batch": ({ subject }) => ({
    action: "task.submit-batch",
    object: { kind: "batch", id: subject.split(" ")[0] ?? "" },
    detail: { tasks: subject.split(" ") },
  }),
  "POST /v1/tasks/cancel": ({ body }) => ({
    action: "task.cancel-many",
    object: { kind: "batch", id: textOf((body.tasks as unknown[])[0]) },
    detail: pick(body, ["tasks"]),
  }),
  "POST /v1/groups/:id/cancel": ({ params }) => ({
    action: "group.cancel",
    object: { kind: "group", id: params.id ?? "" },
  }),
  "POST /v1/tasks/:id/turns": onTask("turn.add", ["lane", "interrupt", "publish"], "turn"),
  "POST /v1/tasks/:id/retry": onTask("turn.retry", ["from"], "turn"),
  "POST /v1/tasks/:id/steer": onTask("turn.steer", ["turn"], "steer"),
  "POST /v1/tasks/:id/cancel": onTask("task.cancel"),
  "POST /v1/tasks/:id/interrupt": onTask("turn.interrupt"),
  "POST /v1/tasks/:id/gates/:gate": onTask("gate.decide", ["decision"], "gate"),
  "POST /v1/tasks/:id/accept": onTask("task.accept", ["how"], "effect"),
  "POST /v1/tasks/:id/undo": onTask("task.undo", [], "undo"),
  "POST /v1/tasks/:id/discard": onTask("task.discard"),
  "POST /v1/repos": onRepo("repo.register", ["source", "defaultBranch"]),
  "DELETE /v1/repos/:name": onRepo("repo.remove"),
  "PUT /v1/repos/:name/credential": onRepo("credential.set", ["kind"]),
  "DELETE /v1/repos/:name/credential": onRepo("credential.remove"),
  "PUT /v1/repos/:name/github": onRepo("github.link", ["label", "fixTurns", "team"]),
  "DELETE /v1/repos/:name/github": onRepo("github.unlink"),
  "PUT /v1/repos/:name/secrets/:key": onRepo("secret.set"),
  "DELETE /v1/repos/:name/secrets/:key": onRepo("secret.remove"),
  "POST /v1/queue/pause": onQueue("queue.pause", ["repo"]),
  "POST /v1/queue/resume": onQueue("queue.resume", ["repo"]),
  "POST /v1/queue/limits": onQueue("queue.limits", Object.keys(QueueLimitsChange.shape), "deep"),
  "PUT /v1/budget": ({ body }) => ({
    action: "budget.set",
    object: { kind: "team", id: textOf(body.team, "own") },
    detail: pick(body, ["usd", "tokens", "warnAt"]),
  }),
  "POST /v1/workers/:worker/drain": onWorker("worker.drain"),
  "POST /v1/workers/:worker/resume": onWorker("worker.resume"),
  "POST /v1/disk/reclaim": ({ body }) => ({
    action: "disk.reclaim",
    object: { kind: "repo", id: textOf(body.repo) },
  }),
  "POST /v1/keys": ({ body, subject }) => ({
    action: "key.create",
    object: { kind: "key", id: subject },
    detail: pick(body, ["name", "email", "role", "team", "expiresAt"]),
  }),
  "DELETE /v1/keys/:id": ({ params }) => ({
    action: "key.revoke",
    object: { kind: "key", id: params.id ?? "" },
  }),
  "POST /v1/sign-in-links": ({ body }) => ({
    action: "link.create",
    object: { kind: "key", id: textOf(body.key, "own") },
  }),
  "POST /v1/webhooks": ({ body, subject }) => ({
    action: "webhook.create",
    object: { kind: "webhook", id: subject },
    detail: pick(body, ["url", "events", "repos", "labels"]),
  }),
  "DELETE /v1/webhooks/:id": onWebhook("webhook.remove"),
  "POST /v1/webhooks/:id/deliveries/:message/replay": ({ params }) => ({
    action: "webhook.replay",
    object: { kind: "webhook", id: params.id ?? "" },
    detail: { message: params.message },
  }),
  "POST /v1/webhooks/:id/test": onWebhook("webhook.test"),
  "POST /v1/webhooks/:id/rotate": onWebhook("webhook.rotate"),
  "POST /v1/chat/codes": () => ({ action: "chat.code", object: { kind: "key", id: "own" } }),
  "POST /v1/chat/links": ({ body, subject }) => ({
    action: "chat.link",
    object: { kind: "person", id: subject },
    detail: pick(body, ["key"]),
  }),
  "DELETE /v1/chat/links/:platform/:workspace/:user": onPlatform("chat.unlink", "person", "user"),
  "PUT /v1/chat/channels/:platform/:workspace/:channel": onPlatform("chat.set-channel", "channel", "channel"),
  "DELETE /v1/chat/channels/:platform/:workspace/:channel": onPlatform(
    "chat.clear-channel",
    "channel",
    "channel",
  ),
  "DELETE /v1/session": onSession("session.end"),
  "DELETE /v1/sessions": onSession("session.end-all"),
}

const textOf = (value: unknown, otherwise = ""): string => (typeof value === "string" ? value : otherwise)

const pick = (body: Record<string, unknown>, names: readonly string[]): Record<string, unknown> =>
  Object.fromEntries(names.flatMap(name => (body[name] === undefined ? [] : [[name, body[name]]])))
