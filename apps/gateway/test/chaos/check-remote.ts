import type { Task, TaskEvent } from "@twolane/protocol"
import { only } from "@twolane/testkit"
import type { Story } from "./person.ts"
import type { ChaosRemote } from "./remote.ts"

/** A task as it ended, with its log. */
export type Ended = { story: Story; task: Task; log: readonly TaskEvent[] }

/** What the remote saw beside each accepted change once, and what others' work it lost. */
export const checkRemote = async (remote: ChaosRemote, ended: readonly Ended[]): Promise<string[]> => {
  const wrong: string[] = []
  for (const { repo, branch, sha } of remote.rivals)
    if (!(await isIn(remote, repo, sha, `refs/heads/${branch}`)))
      wrong.push(`${repo}: the commit ${sha} of somebody else was pushed away from ${branch}`)
  const rivals = new Set(remote.rivals.map(({ sha }) => sha))
  const merged = new Map<string, number>()
  for (const repo of remote.repos)
    for (const { before, after } of await remote.moves(repo, "main")) {
      if (before === null) continue
      if (!(await isIn(remote, repo, before, after)))
        wrong.push(`${repo}: main went from ${before} back to ${after}`)
      if (rivals.has(after)) continue
      for (const task of await tasksIn(remote, repo, `${before}..${after}`))
        merged.set(task, (merged.get(task) ?? 0) + 1)
    }
  for (const one of ended) wrong.push(...(await checkOne(remote, one, merged.get(one.task.id) ?? 0, rivals)))
  return wrong
}

/** Who accepts by a push. */
const delivering: ReadonlySet<string> = new Set(["push", "pull request", "discord", "candidates", "race"])

const isIn = (remote: ChaosRemote, repo: string, commit: string, tip: string): Promise<boolean> =>
  remote.git(repo, "merge-base", "--is-ancestor", commit, tip).then(
    () => true,
    () => false,
  )

const tasksIn = async (remote: ChaosRemote, repo: string, range: string): Promise<Set<string>> => {
  const said = await remote.git(repo, "log", "--format=%(trailers:key=Twolane-Task,valueonly)", range)
  return new Set(said.split("\n").filter(line => line !== ""))
}

/** A push or a merge happened once where it was told, at most once where its answer was a refusal, never where nobody asked. */
const checkOne = async (
  remote: ChaosRemote,
  { story, task, log }: Ended,
  merges: number,
  rivals: ReadonlySet<string>,
): Promise<string[]> => {
  const pushes = (await remote.moves(task.repo, task.branch)).filter(({ after }) => !rivals.has(after))
  const { does } = story.errand
  const accepted = task.review === "accepted"
  const publishes = does === "publish" || does === "github"
  // A turn that publishes pushes what it made.
  const published = publishes ? task.turns.filter(({ status }) => status === "succeeded").length : 0
  const delivered = accepted && delivering.has(does)
  const due = delivered ? 1 : published
  const name = `${task.id}, which is ${accepted ? "" : "not "}accepted (${does})`
  // A worker that was killed after its push tells of it again, by the next one.
  const told = [...new Set(only(log, "branch.pushed").map(({ head }) => head))]
  const wrong: string[] = []
  // What a turn published before it failed stays.
  const most = publishes ? task.turns.length : due
  if (pushes.length < due || pushes.length > most)
    wrong.push(`${name}: ${pushes.length} pushes of its branch`)
  if (merges !== (accepted && does === "merge" ? 1 : 0)) wrong.push(`${name}: ${merges} merges`)
  if (told.length !== (accepted ? 1 : 0) && !publishes)
    wrong.push(`${name}: its log tells of ${told.length} pushes`)
  const seen = pushes.map(({ after }) => after)
  // A push that no log tells of is one of a turn that failed then.
  const untold = seen.length - told.length
  if (seen.length > 0 && (untold > most - due || !told.every(head => seen.includes(head))))
    wrong.push(`${name}: its log says ${told.join()}, the remote ${seen.join()}`)
  return wrong
}
