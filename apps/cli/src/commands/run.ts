import { oneLine } from "@twolane/common/clean"
import type { Task } from "@twolane/protocol"
import { z } from "zod"
import type { Context } from "../connect.ts"
import { defined } from "../defined.ts"
import { exitCodes, UsageError } from "../exit.ts"
import { candidatesOf, followCandidates } from "./candidates.ts"
import { followToEnd } from "./follow.ts"
import { startOf, withAdvice } from "./start.ts"
import { takePrompt } from "./take-prompt.ts"
import { lastTurn } from "./turns.ts"
import { whichRepo } from "./which-repo.ts"

/** The options of `twolane run`, as commander hands them over. */
export const RunOptions = z.object({
  repo: z.string().optional(),
  task: z.string().optional(),
  base: z.string().optional(),
  scope: z.array(z.string()).optional(),
  test: z.enum(["targeted", "all", "none"]).optional(),
  priority: z.enum(["urgent", "high", "normal", "low"]).optional(),
  label: z.array(z.string()).optional(),
  after: z.array(z.string()).optional(),
  notBefore: z.number().optional(),
  startBy: z.number().optional(),
  model: z.string().optional(),
  plan: z.enum(["none", "approve"]).optional(),
  publish: z.enum(["none", "branch", "pull_request"]).optional(),
  maxSeconds: z.number().optional(),
  maxTokens: z.number().optional(),
  maxCost: z.number().optional(),
  maxSteps: z.number().optional(),
  withChanges: z.boolean().optional(),
  candidates: z.string().optional(),
  race: z.boolean().optional(),
  wait: z.boolean().optional(),
})
type RunOptions = z.infer<typeof RunOptions>

/** `twolane run`: a deep task, or with `--task` the next turn of one. Waits on a terminal, and with `--wait`. */
export const runCommand = async (
  context: Context,
  words: readonly string[],
  given: RunOptions,
): Promise<number> => {
  const { output } = context
  const { prompt, options } = takePrompt(words, given)
  if (prompt === null) throw new UsageError('What is to be done? twolane run "…"')
  const follow = options.wait ?? output.live
  const { task: written, after } =
    options.task === undefined
      ? await submit(context, prompt, options)
      : await addTurn(context, options.task, prompt, options)
  if (written.group !== undefined && options.task === undefined)
    return followCandidates(context, written, follow)
  if (follow)
    return followToEnd(context, written.id, { json: "task", ...(after === undefined ? {} : { after }) })
  // The answer to a write does not say where it stands.
  const task = await context.client.task(written.id, { signal: context.signal })
  output.value(task)
  output.line(`${task.id} ${lastTurn(task).status}${placeWords(task)}`)
  output.line(`Watch it: twolane watch ${task.id}`)
  return exitCodes.succeeded
}

const placeWords = ({ queue }: Task): string =>
  queue === undefined ? "" : `, position ${queue.position}: ${oneLine(queue.reason)}`

const turnOptions = (options: RunOptions) => {
  const { scope, test, model, plan, publish, maxSeconds, maxTokens, maxCost, maxSteps } = options
  const budget = defined({ seconds: maxSeconds, tokens: maxTokens, costUsd: maxCost, steps: maxSteps })
  return {
    ...defined({ scope, test, model, plan, publish }),
    ...(Object.keys(budget).length === 0 ? {} : { budget }),
  }
}

const submit = async (
  context: Context,
  prompt: string,
  options: RunOptions,
): Promise<{ task: Task; after?: string }> => {
  const { client, signal } = context
  const { priority, label, notBefore, startBy } = options
  const candidates = candidatesOf(options)
  const repo = await whichRepo(context, options.repo)
  const request = {
    repo,
    prompt,
    lane: candidates === undefined ? ("deep" as const) : ("auto" as const),
    ...(await startOf(options)),
    ...turnOptions(options),
    ...defined({ priority, labels: label, after: options.after, notBefore, startBy, candidates }),
  }
  try {
    return { task: await client.submit(request, { signal }) }
  } catch (error) {
    throw withAdvice(error, options, repo)
  }
}

const addTurn = async (
  context: Context,
  id: string,
  prompt: string,
  options: RunOptions,
): Promise<{ task: Task; after?: string }> => {
  const { client, signal } = context
  const { repo, base, priority, label, withChanges, candidates, race } = options
  const times = [options.after, options.notBefore, options.startBy]
  const ofNewTasks = [repo, base, priority, label, withChanges, candidates, race, ...times]
  if (ofNewTasks.some(option => option !== undefined))
    throw new UsageError(
      "--task goes on with a task: its repo, base, priority, labels, first change, candidates and when it starts stay as they are",
    )
  const { lastEventId: after } = await client.task(id, { signal })
  return {
    task: await client.addTurn(id, { prompt, lane: "deep", ...turnOptions(options) }, { signal }),
    after,
  }
}
