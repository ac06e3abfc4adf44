import { z } from "zod"
import { askLive } from "../ask/live.ts"
import { askPlain } from "../ask/plain.ts"
import type { Asking, Known } from "../ask/turns.ts"
import type { Context } from "../connect.ts"
import { defined } from "../defined.ts"
import { UsageError } from "../exit.ts"
import { startOf, withAdvice } from "./start.ts"
import { takePrompt } from "./take-prompt.ts"
import { whichRepo } from "./which-repo.ts"

/** The options of `twolane ask`, as commander hands them over. */
export const AskOptions = z.object({
  repo: z.string().optional(),
  scope: z.array(z.string()).optional(),
  task: z.string().optional(),
  takeOver: z.boolean().optional(),
  base: z.string().optional(),
  test: z.enum(["targeted", "all", "none"]).optional(),
  model: z.string().optional(),
  withChanges: z.boolean().optional(),
})
type AskOptions = z.infer<typeof AskOptions>

/** `twolane ask`: the fast lane. A conversation at a terminal; one turn elsewhere. */
export const askCommand = async (
  context: Context,
  words: readonly string[],
  given: AskOptions,
): Promise<number> => {
  const { prompt, options } = takePrompt(words, given)
  const interactive = context.output.live && process.stdin.isTTY === true
  if (prompt === null && !interactive) throw new UsageError('What is to be done? twolane ask "…"')
  const known = await knownTask(context, options)
  const asking = await askingOf(context, options)
  try {
    if (interactive) return await askLive(context, asking, { prompt, known })
    return await askPlain(context, asking, { prompt: prompt ?? "", known })
  } catch (error) {
    throw withAdvice(error, options, asking.repo)
  }
}

const knownTask = async ({ client, signal }: Context, options: AskOptions): Promise<Known | null> => {
  const { task: id, takeOver = false, repo, base, withChanges } = options
  if (id === undefined) {
    if (takeOver) throw new UsageError("--take-over needs --task: which task is to be taken over?")
    return null
  }
  if ([repo, base, withChanges].some(option => option !== undefined))
    throw new UsageError("--task goes on with a task: its repo, base and first change stay as they are")
  const { lastEventId: after, lane } = await client.task(id, { signal })
  return { task: id, after, lane, takeOver }
}

const askingOf = async (context: Context, options: AskOptions): Promise<Asking> => {
  const { task, scope, test, model } = options
  const repo = task === undefined ? await whichRepo(context, options.repo) : ""
  return { repo, start: await startOf(options), options: defined({ scope, test, model }) }
}
