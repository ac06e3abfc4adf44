import type { Draft } from "./draft.ts"

/** What a link to the ask view may fill in; it is only sent when a person says so. */
export const readPrepared = (
  search: Record<string, unknown>,
): Partial<Pick<Draft, "repo" | "lane" | "prompt" | "after">> => {
  const { repo, lane, prompt, after } = search
  const tasks = [after].flat().filter(isTaskId)
  return {
    ...(typeof repo === "string" ? { repo } : {}),
    ...(lane === "fast" || lane === "deep" || lane === "auto" ? { lane } : {}),
    ...(typeof prompt === "string" ? { prompt } : {}),
    ...(tasks.length > 0 ? { after: tasks } : {}),
  }
}

const isTaskId = (given: unknown): given is string =>
  typeof given === "string" && /^task_[0-9a-z]{26}$/.test(given)
