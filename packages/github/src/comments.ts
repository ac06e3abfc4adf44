import { z } from "zod"
import { ask } from "./ask.ts"
import type { Place } from "./github.ts"

const Comment = z.object({
  id: z.number(),
  body: z.string().nullish(),
  user: z.object({ type: z.string() }).nullish(),
  performed_via_github_app: z.object({ id: z.number() }).nullish(),
})
type Comment = z.infer<typeof Comment>

/** A comment of ours on an issue or pull request. `key` names it, so that there is one however often it is said. */
export type WantedComment = { key: string; issue: number; body: string }

const perPage = 100
const mostPages = 30

/**
 * Says something in an issue or pull request, or says it anew where it was said before: whoever repeats it after a crash at any point
 * meets the first comment. A comment of somebody else that has our mark is not ours.
 * @throws Postponed, GithubRefused
 */
export const sayOnce = async (
  place: Place,
  appId: number,
  { key, issue, body }: WantedComment,
  signal: AbortSignal,
): Promise<void> => {
  const mark = `<!-- twolane:${key} -->`
  const text = `${body}\n${mark}`
  const at = { owner: place.owner, repo: place.name }
  const found = await lookUp(place, appId, { issue, mark }, signal)
  if (found?.body === text) return
  if (found !== null) {
    const route = "PATCH /repos/{owner}/{repo}/issues/comments/{id}"
    await ask(place.as, Comment, [route, { ...at, id: found.id, body: text }], signal)
    return
  }
  const route = "POST /repos/{owner}/{repo}/issues/{issue}/comments"
  await ask(place.as, Comment, [route, { ...at, issue, body: text }], signal)
}

const lookUp = async (
  place: Place,
  appId: number,
  { issue, mark }: { issue: number; mark: string },
  signal: AbortSignal,
): Promise<Comment | null> => {
  const route = "GET /repos/{owner}/{repo}/issues/{issue}/comments"
  for (let page = 1; page <= mostPages; page += 1) {
    const query = { owner: place.owner, repo: place.name, issue, per_page: perPage, page }
    const comments = await ask(place.as, z.array(Comment), [route, query], signal)
    const ours = comments.find(
      ({ body, performed_via_github_app: app }) => app?.id === appId && body?.includes(mark) === true,
    )
    if (ours !== undefined) return ours
    if (comments.length < perPage) return null
  }
  return null
}
