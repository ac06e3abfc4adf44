import { z } from "zod"
import { ask, GithubRefused } from "./ask.ts"
import type { Place } from "./github.ts"

const at = ({ owner, name }: Place) => ({ owner, repo: name })

const Permission = z.object({ permission: z.string(), user: z.object({ id: z.number() }).nullish() })

/**
 * Whether somebody may write to the repository. A name alone is nobody: the account behind it must be the one whose number GitHub signed.
 * @throws Postponed, GithubRefused
 */
export const mayWrite = async (
  place: Place,
  { id, login }: { id: number; login: string },
  signal: AbortSignal,
): Promise<boolean> => {
  const route = "GET /repos/{owner}/{repo}/collaborators/{login}/permission"
  try {
    const { permission, user } = await ask(place.as, Permission, [route, { ...at(place), login }], signal)
    return user?.id === id && (permission === "admin" || permission === "write")
  } catch (error) {
    if (error instanceof GithubRefused && error.status === 404) return false
    throw error
  }
}

const Pull = z.object({
  title: z.string(),
  body: z.string().nullish(),
  user: z.object({ login: z.string() }),
  head: z.object({ ref: z.string(), sha: z.string(), repo: z.object({ id: z.number() }).nullish() }),
})
/** A pull request: where its commits come from, and what it says. */
export type PullView = z.infer<typeof Pull>

/** Reads a pull request. @throws Postponed, GithubRefused */
export const readPull = (place: Place, number: number, signal: AbortSignal): Promise<PullView> =>
  ask(place.as, Pull, ["GET /repos/{owner}/{repo}/pulls/{number}", { ...at(place), number }], signal)

const ReviewComment = z.object({
  path: z.string(),
  line: z.number().nullish(),
  original_line: z.number().nullish(),
  diff_hunk: z.string().nullish(),
  body: z.string(),
})
/** A comment on a line of a pull request's change. */
export type ReviewComment = z.infer<typeof ReviewComment>

/** Reads the comments of one review, at most 100. @throws Postponed, GithubRefused */
export const readReview = (
  place: Place,
  { number, review }: { number: number; review: number },
  signal: AbortSignal,
): Promise<ReviewComment[]> => {
  const route = "GET /repos/{owner}/{repo}/pulls/{number}/reviews/{review}/comments"
  const asked = { ...at(place), number, review, per_page: 100 }
  return ask(place.as, z.array(ReviewComment), [route, asked], signal)
}

const CheckRun = z.object({
  name: z.string(),
  conclusion: z.string().nullish(),
  output: z
    .object({ title: z.string().nullish(), summary: z.string().nullish(), text: z.string().nullish() })
    .nullish(),
})
/** A check of a commit, and what it said. */
export type CheckRun = z.infer<typeof CheckRun>

/** Conclusions that say that the commit is wrong, and not that somebody stopped the check. */
export const failedConclusions: ReadonlySet<string> = new Set(["failure", "timed_out"])

/** Reads the checks of a commit that failed. @throws Postponed, GithubRefused */
export const readFailedChecks = async (
  place: Place,
  sha: string,
  signal: AbortSignal,
): Promise<CheckRun[]> => {
  const route = "GET /repos/{owner}/{repo}/commits/{sha}/check-runs"
  const asked = { ...at(place), sha, filter: "latest", per_page: 100 }
  const { check_runs: runs } = await ask(
    place.as,
    z.object({ check_runs: z.array(CheckRun) }),
    [route, asked],
    signal,
  )
  return runs.filter(({ conclusion }) => failedConclusions.has(conclusion ?? ""))
}
