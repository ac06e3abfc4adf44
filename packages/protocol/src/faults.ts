/** What every problem code means: HTTP status, one-line title, and whether the same request may succeed later. */
type FaultRow = { status: number; title: string; retryable: boolean }

const row = (status: number, title: string, retryable = false): FaultRow => ({ status, title, retryable })

/** The one table of fault codes (RFC 9457 `code`). */
export const faults = {
  "bad-request": row(400, "The request is malformed"),
  "bad-cursor": row(400, "The cursor is not one of ours"),
  "malformed-json": row(400, "The body is not JSON"),
  unauthorized: row(401, "The API key is missing or not valid"),
  "link-not-valid": row(401, "The sign-in link was used, or is too old"),
  "foreign-origin": row(403, "The request does not come from our own page"),
  forbidden: row(403, "The key's role does not allow this"),
  "own-approval": row(403, "The repo asks for another person's approval"),
  "not-found": row(404, "There is no such thing"),
  "request-timeout": row(408, "The request took too long to arrive", true),
  "already-exists": row(409, "The name is taken"),
  "gate-decided": row(409, "The gate has been decided"),
  "idempotency-conflict": row(409, "The idempotency key was used with another request"),
  "idempotency-running": row(409, "The first request with this idempotency key is still running", true),
  "repo-in-use": row(409, "The repo has an open turn"),
  "task-accepted": row(409, "The task's change was accepted"),
  "task-ended": row(409, "The task has ended"),
  "task-discarded": row(409, "The task was discarded"),
  "task-open": row(409, "The task has an open turn"),
  "nothing-to-undo": row(409, "The task has no checkpoint to go back from"),
  "nothing-to-accept": row(409, "The task has no change to accept"),
  "too-many-turns": row(409, "Too many turns wait on this task"),
  "too-many-subscriptions": row(409, "The socket has too many subscriptions"),
  "turn-running": row(409, "A turn is running"),
  "turn-not-running": row(409, "That turn is not running"),
  "branch-moved": row(409, "The branch at the source is not where we left it"),
  "merge-conflict": row(409, "The change conflicts with the default branch"),
  "target-checked-out": row(409, "The branch is checked out at the source"),
  "tests-red": row(409, "The targeted tests fail on the merged tree"),
  "change-moved": row(409, "The change is not the one that was seen"),
  conflict: row(409, "Something changed meanwhile", true),
  "body-too-large": row(413, "The body is too large"),
  "prompt-too-long": row(413, "The prompt is longer than 200,000 characters"),
  "unsupported-media-type": row(415, "Send application/json"),
  "unknown-host": row(421, "The gateway does not answer under this name"),
  "upgrade-required": row(426, "This is a WebSocket"),
  "headers-too-large": row(431, "The headers are too large"),
  invalid: row(422, "The request does not fit the schema"),
  "not-implemented": row(422, "This part of the contract is not built yet"),
  "not-configured": row(422, "This needs a setting that is not made"),
  "not-in-fast-lane": row(422, "The fast lane does not take this"),
  "base-not-found": row(422, "The base is no branch, tag or commit of the repo"),
  "changes-not-applicable": row(422, "The change does not apply to the base"),
  "guardrail-loosened": row(422, "A request may only tighten guardrails"),
  "guardrail-denied": row(422, "A guardrail denies this"),
  "price-unknown": row(422, "A cost limit needs the model's price"),
  "repo-auth": row(422, "The source asks for a credential, or refuses the one it was given"),
  "repo-empty": row(422, "The repository has no commit"),
  "repo-file-invalid": row(422, "twolane.yaml is not valid"),
  "repo-not-git": row(422, "The source is not a git repository"),
  "repo-unreachable": row(422, "The source cannot be reached"),
  "publish-failed": row(502, "The source refused the push", true),
  "lane-full": row(429, "The lane is full", true),
  "budget-used-up": row(429, "The team's budget for this month is used up"),
  "rate-limited": row(429, "Too many requests", true),
  internal: row(500, "Something broke on our side", true),
  "no-worker": row(503, "No worker serves this", true),
  "store-unavailable": row(503, "Redis does not answer", true),
  "shutting-down": row(503, "The gateway is shutting down", true),
} as const satisfies Record<string, FaultRow>

/** A code of the fault table. */
export type FaultCode = keyof typeof faults

/** One place in a request that is wrong: a path such as `budget.tokens`, and what is wrong there. */
export type FaultPlace = { path: string; message: string }

/** An expected failure that a caller must handle; anything else thrown is a bug. */
export class Fault extends Error {
  readonly code: FaultCode
  readonly errors: FaultPlace[] | undefined
  /** Further members of the problem document, such as `paths` of a merge conflict. */
  readonly extra: Record<string, unknown> | undefined

  constructor(
    code: FaultCode,
    message: string,
    options: { cause?: unknown; errors?: FaultPlace[]; extra?: Record<string, unknown> } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = "Fault"
    this.code = code
    this.errors = options.errors
    this.extra = options.extra
  }
}

/** Whether something thrown is a Fault, by default of any code. */
export const isFault = (error: unknown, code?: FaultCode): error is Fault =>
  error instanceof Fault && (code === undefined || error.code === code)
