import { ClientProblem, Unreachable } from "@twolane/client"

/** What went wrong, for a person: what, why, and what to quote when asking somebody. */
export type ProblemWords = { title: string; detail: string; note: string | null }

/** The words for whatever was thrown. */
export const problemWords = (error: unknown): ProblemWords => {
  if (error instanceof ClientProblem) {
    const { title, detail, code, requestId, errors } = error.problem
    const places = errors?.map(({ path, message }) => `${path === "" ? "" : `${path}: `}${message}`) ?? []
    return {
      title,
      detail: [detail, ...places].filter(Boolean).join("\n"),
      note: requestId === "" ? code : `${code} · ${requestId}`,
    }
  }
  if (error instanceof Unreachable)
    return {
      title: "The gateway does not answer",
      detail: "Check that Twolane runs and that this browser reaches it. Nothing was changed here.",
      note: null,
    }
  return {
    title: "The page has a bug",
    detail: error instanceof Error ? error.message : String(error),
    note: null,
  }
}
