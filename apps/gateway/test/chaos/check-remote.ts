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
  const accepted = task.review === "accepted"
  const want = (how: Story["errand"]["does"]) => (accepted && story.errand.does === how ? 1 : 0)
  const name = `${task.id}, which is ${accepted ? "" : "not "}accepted (${story.errand.does})`
  const told = only(log, "branch.pushed")
  const wrong: string[] = []
  if (pushes.length !== want("push")) wrong.push(`${name}: ${pushes.length} pushes of its branch`)
  if (merges !== want("merge")) wrong.push(`${name}: ${merges} merges`)
  if (told.length !== (accepted ? 1 : 0)) wrong.push(`${name}: ${told.length} times branch.pushed`)
  const [push] = pushes
  if (push !== undefined && told[0]?.head !== push.after)
    wrong.push(`${name}: its log says ${told[0]?.head}, the remote ${push.after}`)
  return wrong
}
