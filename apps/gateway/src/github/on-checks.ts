import { readFailedChecks } from "@twolane/github"
import { openTurn, type TaskState } from "@twolane/protocol"
import { checksActor, nonceOf, type Scene, startTurn } from "./acting.ts"
import type { GithubDelivery } from "./deliveries.ts"
import { taskOfBranch } from "./our-task.ts"
import { checkData, promptOf } from "./prompt.ts"

const mostChecks = 10

/** A failing check of a pull request of ours starts a turn that mends it, so many times in a row as the repo's link allows. */
export const onChecks = async (
  scene: Scene<Extract<GithubDelivery, { what: "checks" }>>,
  signal: AbortSignal,
): Promise<void> => {
  const { gateway, repo, place, delivery } = scene
  const task = await taskOfBranch(gateway, repo, delivery.branch)
  if (task === null || !wantsMending(task, delivery.sha)) return
  if (fixesInRow(task) >= (repo.github?.fixTurns ?? 0)) return
  const failed = await readFailedChecks(place, delivery.sha, signal)
  const asked = `Checks of your pull request fail on the commit ${delivery.sha}. Find out why, and mend the change; do not weaken the checks.`
  const prompt = promptOf(asked, failed.slice(0, mostChecks).map(checkData), nonceOf(scene))
  await startTurn(scene, task.id, { prompt, by: checksActor })
}

/** A commit that is not the newest any more, or that somebody is at work on, is not worth a turn. */
const wantsMending = (task: TaskState, sha: string): boolean =>
  task.pullRequest !== undefined &&
  task.review !== "discarded" &&
  task.pushed === sha &&
  openTurn(task) === undefined

/** Turns since a person last asked for one. */
const fixesInRow = ({ turns }: TaskState): number => {
  const last = turns.findLastIndex(({ by }) => by.key !== checksActor.key)
  return turns.length - 1 - last
}
