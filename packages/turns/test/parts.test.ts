import { type Policy, policyFor } from "@twolane/common/guardrails/policy"
import { Fault, foldEvents, type TaskEvent, type TaskState, type TurnState } from "@twolane/protocol"
import { GitFailure, KeeperLost } from "@twolane/workspace"
import { expect, test } from "vitest"
import { authorOf } from "../src/author.ts"
import { causeOf, workspaceFailure } from "../src/causes.ts"
import { cancelCause, queuedAgain, refuseCanceled } from "../src/leave-turn.ts"
import { limitsOf } from "../src/limits.ts"
import { modelFault } from "../src/model-verdict.ts"
import { priceOf } from "../src/price.ts"

const by = { key: "key_1", name: "Ada" }
const options = { labels: [], test: "all" } as const

/** A task whose first turn runs, and more events of it. */
const stateAfter = (...more: Record<string, unknown>[]): TaskState => {
  const bodies: Record<string, unknown>[] = [
    {
      type: "task.created",
      turn: null,
      team: "default",
      repo: "api",
      title: "t",
      prompt: "p",
      by,
      origin: "api",
      labels: [],
      priority: "normal",
      base: null,
      baseAtSubmit: null,
    },
    { type: "turn.queued", lane: "deep", position: 0, reason: "next", prompt: "p", by, options },
    ...more,
  ]
  const events = bodies.map((body, n) => ({
    turn: "turn_1",
    task: "task_1",
    attempt: 0,
    id: `0-${n + 1}`,
    at: 100 + n,
    ...body,
  }))
  return foldEvents(null, events as TaskEvent[])
}

const turnIn = (state: TaskState): TurnState => {
  const [turn] = state.turns
  if (turn === undefined) throw new Error("no turn")
  return turn
}

test("cached tokens cost their own price, and a model without a price has no cost", () => {
  const prices = { known: { input: 2, cachedInput: 0.5, output: 8 } }
  const usage = { inputTokens: 1_000_000, cachedTokens: 400_000, outputTokens: 250_000 }
  expect(priceOf(prices, "known", usage)).toBeCloseTo(0.6 * 2 + 0.4 * 0.5 + 0.25 * 8)
  expect(priceOf(prices, "unknown", usage)).toBeNull()
  expect(priceOf(prices, "toString", usage)).toBeNull()
})

test("an author without an e-mail gets an address that no mail ever reaches", () => {
  expect(authorOf(by)).toEqual({ name: "Ada", email: "key_1@twolane.invalid" })
  expect(authorOf({ ...by, email: "ada@example.com" })).toEqual({ name: "Ada", email: "ada@example.com" })
})

test("each allowed budget gate allows as much money again, and nothing else does", () => {
  const merged = policyFor({ lane: "deep", file: undefined, request: { maxCostUsd: 2 } })
  if (!merged.ok) throw new Error("the policy was refused")
  const policy: Policy = merged.policy
  const decided = (kind: "budget" | "plan", decision: "allow" | "deny") => ({ gate: "g", kind, decision, by })
  const turn = turnIn(stateAfter())
  expect(limitsOf(policy, turn)).toMatchObject({ costUsd: 2, costNamed: true, steps: 200, seconds: 3_600 })
  const decisions = [decided("budget", "allow"), decided("budget", "deny"), decided("plan", "allow")]
  expect(limitsOf(policy, { ...turn, decisions }).costUsd).toBe(4)
  expect(limitsOf({ ...policy, maxCostUsd: null, maxSteps: null }, { ...turn, decisions })).toMatchObject({
    costUsd: null,
    steps: Number.POSITIVE_INFINITY,
  })
})

test("a thrown cause is the cause, an aborted signal's reason is, and anything else is a bug that is thrown on", () => {
  const shutdown = { by: "shutdown" } as const
  expect(causeOf(shutdown, new AbortController().signal)).toBe(shutdown)
  const bug = new Error("x")
  expect(causeOf(bug, AbortSignal.abort(shutdown))).toBe(shutdown)
  expect(() => causeOf(bug, new AbortController().signal)).toThrow(bug)
  const odd = Object.assign(new Error("an error with a field"), { by: "user" })
  expect(() => causeOf(odd, new AbortController().signal)).toThrow(odd)
})

test("a lost keeper, a failed git, a full disk and an absent Redis may be tried again; a bug may not", () => {
  const full = Object.assign(new Error("ENOSPC: no space left"), { syscall: "write", code: "ENOSPC" })
  const away = new Fault("store-unavailable", "Redis does not answer")
  for (const error of [new KeeperLost("gone"), new GitFailure("fetch", 128, "fatal: x"), full, away])
    expect(workspaceFailure(error)).toEqual({ code: "workspace-failed", detail: error.message })
  expect(workspaceFailure(new TypeError("x is not a function"))).toBeNull()
})

test("what was thrown first counts, also where letting go of something failed after it", async () => {
  const letGo = { [Symbol.asyncDispose]: () => Promise.reject(new Error("it could not be renamed")) }
  const thrownIn = async (first: unknown): Promise<unknown> => {
    await using _held = letGo
    throw first
  }
  const both = (first: unknown) => thrownIn(first).catch((error: unknown) => error)
  const lost = new KeeperLost("gone")
  expect(workspaceFailure(await both(lost))).toEqual({ code: "workspace-failed", detail: lost.message })
  const cause = { by: "shutdown" } as const
  expect(causeOf(await both(cause), new AbortController().signal)).toBe(cause)
  expect(workspaceFailure(await both(new TypeError("x is not a function")))).toBeNull()
})

test("a cancel in the newest state is thrown as the abort's cause, with who and why", () => {
  const calm = stateAfter()
  expect(() => refuseCanceled(calm, "turn_1")).not.toThrow()
  const canceled = stateAfter({ type: "cancel.requested", by, reason: "enough", scope: "task", turn: null })
  const { cancel } = turnIn(canceled)
  if (cancel === undefined) throw new Error("no cancel")
  const cause = { by: "user", scope: "task", actor: by, requestedAt: 102, reason: "enough" }
  expect(cancelCause(cancel)).toEqual(cause)
  expect(() => refuseCanceled(canceled, "turn_1")).toThrow(expect.objectContaining(cause))
})

test("a turn that is queued again says the same as the first time, and why", () => {
  const again = { why: "retry", code: "workspace-failed", retry: 1 } as const
  expect(queuedAgain(stateAfter(), "turn_1", again, "once more", 200, 900)).toEqual({
    type: "turn.queued",
    turn: "turn_1",
    at: 200,
    lane: "deep",
    position: null,
    reason: "once more",
    prompt: "p",
    by,
    options,
    again,
    notBefore: 900,
  })
  expect(() => queuedAgain(stateAfter(), "turn_2", again, "", 1)).toThrow("no turn turn_2")
})

test("a model that is known to be wrong fails every turn of its lane by the variable's name", () => {
  const model = {
    model: "m",
    baseUrl: "https://example.com",
    apiKey: "",
    transport: "auto",
    contextTokens: 1,
    configured: true,
    simulated: false,
  } as const
  expect(modelFault("deep", model, "auth")).toMatchObject({
    code: "model-auth",
    detail: expect.stringContaining("TWOLANE_DEEP_API_KEY"),
  })
  expect(modelFault("fast", model, "unknown")).toMatchObject({
    code: "model-unknown",
    detail: expect.stringContaining("TWOLANE_FAST_MODEL"),
  })
  for (const verdict of ["ok", "no-verdict"] as const) expect(modelFault("deep", model, verdict)).toBeNull()
})
