import { Fault, type Problem, problemOf, type Task } from "@twolane/protocol"
import type { Gateway } from "../gateway.ts"
import type { App } from "../http/app.ts"
import { callInside, type InsideCall, type Opened, type RouteAnswer } from "./call-inside.ts"

/** Who asks routes of our own for something, and what stands in `origin`. */
export type Asking = { gateway: Gateway; app: App; opened: Opened; origin: string }

/** What a route refused. */
export class Refused extends Error {
  readonly problem: Problem

  constructor(problem: Problem, retryAfterSeconds?: number) {
    super(wordsOf(problem, retryAfterSeconds))
    this.name = "Refused"
    this.problem = problem
  }
}

/**
 * Sends a request through its route for whoever asks; what has an effect is not undone by their leaving.
 * @throws Refused
 */
export const ask = async (
  { app, opened, gateway, origin }: Asking,
  call: Omit<InsideCall, "origin">,
): Promise<RouteAnswer> => {
  // A server that closes takes no more requests of its own either.
  if (gateway.stopping.aborted) throw new Refused(problemOf(stopped, opened.id))
  const answer = await callInside(app, opened, { ...call, origin }, gateway.ending)
  if (answer.status < 400) return answer
  throw new Refused(JSON.parse(answer.body) as Problem, answer.retryAfterSeconds)
}

const stopped = new Fault("shutting-down", "Another gateway, or this one in a moment, answers.")

/**
 * What a route answers, as JSON; its own schema made it.
 * @throws Refused
 */
export const askFor = async <Answer>(asking: Asking, url: string): Promise<Answer> =>
  JSON.parse((await ask(asking, { method: "GET", url })).body) as Answer

/**
 * What a POST answers, as JSON.
 * @throws Refused
 */
export const askTo = async <Answer>(
  asking: Asking,
  call: { url: string; body: unknown; idempotencyKey?: string | undefined },
): Promise<Answer> => JSON.parse((await ask(asking, { method: "POST", ...call })).body) as Answer

/** The path of a task's routes. */
export const pathOf = (task: string, rest = ""): string => `/v1/tasks/${encodeURIComponent(task)}${rest}`

/**
 * A task as it is now.
 * @throws Refused
 */
export const askForTask = (asking: Asking, task: string): Promise<Task> => askFor<Task>(asking, pathOf(task))

/** A query of what was said. */
export const queryOf = (wanted: Readonly<Record<string, string | number | undefined>>): string => {
  const said = Object.entries(wanted).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, String(value)]],
  )
  return said.length === 0 ? "" : `?${new URLSearchParams(Object.fromEntries(said)).toString()}`
}

/** A problem document in words: what, where, and whether to try again. */
const wordsOf = (problem: Problem, retryAfterSeconds: number | undefined): string => {
  const {
    type: _type,
    title,
    status: _status,
    detail,
    code,
    requestId,
    retryable,
    errors,
    ...extra
  } = problem
  return [
    `${title}: ${detail} (${code})`,
    ...(errors ?? []).map(({ path, message }) => `- ${path}: ${message}`),
    ...(Object.keys(extra).length === 0 ? [] : [JSON.stringify(extra)]),
    ...(retryable
      ? [`The same call may succeed later, in ${retryAfterSeconds ?? 1} s at the earliest.`]
      : []),
    `Request ${requestId}.`,
  ].join("\n")
}
