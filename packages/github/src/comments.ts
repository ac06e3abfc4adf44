import { z } from "zod"
import { ask, GithubRefused } from "./ask.ts"
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
 * meets the first comment. GitHub drops none that comes twice, so that of two who said it at the same moment each takes the later one away. A
 * comment of somebody else that has our mark is not ours.
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
  const sought = { issue, mark }
  const [found, ...twins] = await lookUp(place, appId, sought, signal)
  await remove(place, twins, signal)
  if (found?.body === text) return
  if (found !== undefined) {
    const route = "PATCH /repos/{owner}/{repo}/issues/comments/{id}"
    await ask(place.as, Comment, [route, { ...at, id: found.id, body: text }], signal)
    return
  }
  const route = "POST /repos/{owner}/{repo}/issues/{issue}/comments"
  await ask(place.as, Comment, [route, { ...at, issue, body: text }], signal)
  const [, ...later] = await lookUp(place, appId, sought, signal)
  await remove(place, later, signal)
}

const remove = async (place: Place, twins: readonly Comment[], signal: AbortSignal): Promise<void> => {
  const route = "DELETE /repos/{owner}/{repo}/issues/comments/{id}"
  for (const { id } of twins)
    try {
      await ask(place.as, z.unknown(), [route, { owner: place.owner, repo: place.name, id }], signal)
    } catch (error) {
      // The other one was faster.
      if (!(error instanceof GithubRefused)) throw error
    }
}

/** Ours with that mark, the first one first. */
const lookUp = async (
  place: Place,
  appId: number,
  { issue, mark }: { issue: number; mark: string },
  signal: AbortSignal,
): Promise<Comment[]> => {
  const route = "GET /repos/{owner}/{repo}/issues/{issue}/comments"
  const ours: Comment[] = []
  for (let page = 1; page <= mostPages; page += 1) {
    const query = { owner: place.owner, repo: place.name, issue, per_page: perPage, page }
    const comments = await ask(place.as, z.array(Comment), [route, query], signal)
    ours.push(
      ...comments.filter(
        ({ body, performed_via_github_app: app }) => app?.id === appId && body?.includes(mark) === true,
      ),
    )
    if (comments.length < perPage) break
  }
  return ours.toSorted((a, b) => a.id - b.id)
}
