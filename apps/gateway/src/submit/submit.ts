import { traceNow } from "@twolane/common/trace/context"
import type { GroupOf, Lane, NewEvent, TaskRequest, TaskState, TurnOptions } from "@twolane/protocol"
import type { NewTask } from "@twolane/store"
import type { FastifyRequest } from "fastify"
import { titleOf } from "../decide/title.ts"
import { baseOf, type Gateway } from "../gateway.ts"
import type { Caller } from "../http/auth.ts"
import { refuseLate, refuseSlow, refuseUnbuilt } from "./built.ts"
import { checkAfter } from "./check-after.ts"
import { checkPolicy } from "./check-policy.ts"
import { checkChanges, checkPrompt } from "./check-prompt.ts"
import { checkPublish } from "./check-publish.ts"
import { type LaneChoice, toDeep } from "./choose.ts"

/** A request for a task, with the id and the lane that it will have (by default the deep one). */
export type Submission = {
  task: string
  request: TaskRequest
  caller: Caller
  origin: string
  to?: LaneChoice
  /** The candidates of which this task is the first. */
  group?: GroupOf
}

/** Creates a task, or finds the one that an earlier try of the same request made. */
export const submitTask = async (gateway: Gateway, submission: Submission): Promise<TaskState> =>
  (await gateway.store.create(await planTask(gateway, submission))).state

/**
 * Checks a request for a task and derives its first events; a change that it begins with becomes its first checkpoint.
 * @throws Fault invalid, not-implemented, not-configured, own-approval, not-in-fast-lane, prompt-too-long, no-worker, not-found, base-not-found, repo-file-invalid, guardrail-loosened,
 * guardrail-denied, price-unknown, changes-not-applicable, body-too-large
 */
export const planTask = async (
  gateway: Gateway,
  { task, request, caller, origin, to = toDeep, group }: Submission,
): Promise<NewTask> => {
  const {
    repo: name,
    prompt,
    lane: _asked,
    base = null,
    priority,
    labels,
    notBefore,
    startBy,
    after,
    changes,
    candidates: _apart,
    ...asked
  } = request
  // Each candidate is checked as what it is to be; the first one is this task.
  const each = (group?.candidates ?? [to]).map(candidate => optionsOf(asked, candidate))
  const [{ options } = { options: asked }] = each
  refuseUnbuilt(asked)
  refuseLate(gateway.store.now(), { notBefore, startBy })
  if (each.some(({ lane }) => lane === "fast")) refuseSlow({ ...asked, notBefore, after })
  await checkPrompt(prompt)
  if (changes !== undefined) await checkChanges(changes)
  const others = await checkAfter(gateway, caller.team, after)
  const repo = await gateway.repos.recent(caller.team, name)
  const baseAtSubmit = await gateway.repos.resolve(repo, base)
  await checkPublish(gateway, repo, baseAtSubmit, options.publish)
  const rules = await gateway.repos.rules(repo, baseAtSubmit)
  for (const one of each) checkPolicy(gateway, rules, one.lane, one.options)
  const { actor: by, team } = caller
  const at = gateway.store.now()
  const created: NewEvent = {
    type: "task.created",
    team,
    repo: name,
    title: titleOf(prompt),
    prompt,
    by,
    origin,
    labels,
    priority,
    // Candidates that begin from different commits could not be compared.
    base: group === undefined ? base : baseAtSubmit,
    baseAtSubmit,
    ...(group === undefined ? {} : { group }),
    turn: null,
    at,
  }
  const queued: NewEvent = {
    type: "turn.queued",
    lane: to.lane,
    position: null,
    reason: to.reason,
    prompt,
    by,
    options,
    ...(notBefore === undefined ? {} : { notBefore }),
    ...(startBy === undefined ? {} : { startBy }),
    ...(others.length === 0 ? {} : { after: others }),
    turn: firstTurnOf(task),
    at,
    ...traceNow(),
  }
  if (changes === undefined) return { team, task, events: [created, queued] }
  const first = await gateway.repos.begin(repo, { task, base: baseAtSubmit, patch: changes })
  const { sha: checkpoint, files, diff, whole, pack } = first
  const saved: NewEvent = { type: "checkpoint.saved", files, diff, checkpoint, whole, turn: queued.turn, at }
  return { team, task, events: [created, queued, saved], pack: { checkpoint, pack } }
}

const optionsOf = (
  options: TurnOptions,
  { lane, model }: { lane: Lane; model?: string | undefined },
): { lane: Lane; options: TurnOptions } => ({
  lane,
  options: model === undefined ? options : { ...options, model },
})

/**
 * Checks a further turn of a task as its first one was checked, against the rules at the task's base; `prompted` is the check of its
 * prompt, which needs no task.
 * @throws Fault as `planTask`
 */
export const checkTurn = async (
  gateway: Gateway,
  state: TaskState,
  { prompted, lane, options }: { prompted: Promise<void>; lane: "fast" | "deep"; options: TurnOptions },
): Promise<void> => {
  refuseUnbuilt(options)
  if (lane === "fast") refuseSlow(options)
  await prompted
  const repo = await gateway.repos.recent(state.team, state.repo)
  const base = await baseOf(gateway.repos, repo, state)
  await checkPublish(gateway, repo, base, options.publish)
  checkPolicy(gateway, await gateway.repos.rules(repo, base), lane, options)
}

/** The first turn's id follows from the task's, so that a repeated request says the same. */
export const firstTurnOf = (task: string): string => task.replace(/^task_/, "turn_")

const origins: ReadonlySet<string> = new Set(["cli", "page", "mcp", "slack", "discord"])

/** What sent a request: a part of Twolane says its name, everything else is `api`. */
export const originOf = (request: FastifyRequest): string => {
  const said = request.headers["twolane-origin"]
  return typeof said === "string" && origins.has(said) ? said : "api"
}
