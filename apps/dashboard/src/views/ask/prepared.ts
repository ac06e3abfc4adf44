import type { Draft } from "./draft.ts"

/** What a link to the ask view may fill in; it is only sent when a person says so. */
export const readPrepared = (
  search: Record<string, unknown>,
): Partial<Pick<Draft, "repo" | "lane" | "prompt">> => {
  const { repo, lane, prompt } = search
  return {
    ...(typeof repo === "string" ? { repo } : {}),
    ...(lane === "fast" || lane === "deep" || lane === "auto" ? { lane } : {}),
    ...(typeof prompt === "string" ? { prompt } : {}),
  }
}
