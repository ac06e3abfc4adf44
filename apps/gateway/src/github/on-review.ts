import { readPull, readReview } from "@twolane/github"
import { actorOf, nonceOf, type Scene, startTurn } from "./acting.ts"
import type { GithubDelivery } from "./deliveries.ts"
import type { Wish } from "./on-comment.ts"
import { taskOfBranch } from "./our-task.ts"
import { type Data, promptOf } from "./prompt.ts"

const mostHunks = 20
const mostHunkChars = 2_000

/** A review of a pull request of ours is its next turn: its words are what is asked, the lines they are about are data. */
export const onReview = async (
  scene: Scene<Extract<GithubDelivery, { what: "review" }>>,
  signal: AbortSignal,
): Promise<Wish> => {
  const { gateway, repo, place, delivery } = scene
  const { head } = await readPull(place, delivery.pull, signal)
  if (head.repo?.id !== delivery.repository) return null
  const task = await taskOfBranch(gateway, repo, head.ref)
  if (task === null) return null
  const { pull: number, review, text, by } = delivery
  const comments = await readReview(place, { number, review }, signal)
  if (text.trim() === "" && comments.length === 0) return null
  const asked = [
    `Your change was reviewed by ${by.login}. Do what the review asks for.`,
    text.trim(),
    ...comments.map(
      ({ path, line, original_line: before, body }) => `${path}:${line ?? before ?? "?"}: ${body.trim()}`,
    ),
  ]
  const hunks = comments.slice(0, mostHunks).flatMap(({ path, diff_hunk: hunk }): Data[] =>
    // The line that it is about stands last.
    hunk == null ? [] : [{ what: `lines of ${path}`, text: hunk.slice(-mostHunkChars) }],
  )
  const prompt = promptOf(asked.filter(part => part !== "").join("\n\n"), hunks, nonceOf(scene))
  return () => startTurn(scene, task.id, { prompt, by: actorOf(by) })
}
