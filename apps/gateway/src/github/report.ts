import { oneLine } from "@twolane/common/clean"
import { outcomeWords, size } from "@twolane/common/words"
import { inline, sayOnce } from "@twolane/github"
import { isFinal, lastTurn, type TaskState } from "@twolane/protocol"
import type { Received } from "@twolane/store"
import { z } from "zod"
import type { Gateway } from "../gateway.ts"
import { threadIn } from "./acting.ts"

/** What a report is about; what it says is made when it is said. */
export const Report = z.object({ team: z.string(), task: z.string(), event: z.string() })

/**
 * Says in the issue or pull request that a task came from how it stands: in one comment, which changes.
 * @throws Postponed, GithubRefused
 */
export const sayReport = async (gateway: Gateway, { raw }: Received, signal: AbortSignal): Promise<void> => {
  const { team, task } = Report.parse(JSON.parse(raw.toString("utf8")))
  const { app } = gateway.config.github
  const state = await gateway.store.read({ team, task })
  const repo = state === null ? null : await gateway.store.repo(team, state.repo)
  // Unlinked meanwhile: nothing more is said there.
  if (state === null || repo?.github === undefined || app === null) return
  const issue = threadIn(state.labels)
  if (issue === undefined) return
  const place = await gateway.github.placeOf(repo, null, signal)
  const body = reportOf(state, gateway.config)
  await sayOnce(place, app.id, { key: `task/${task}`, issue, body }, signal)
}

/** How a task stands, for whoever reads the issue. Nothing of it is anybody else's markup. */
export const reportOf = (
  state: TaskState,
  { publicUrl, github }: Pick<Gateway["config"], "publicUrl" | "github">,
): string => {
  const { change, tests, pullRequest, gates, turns } = state
  const turn = lastTurn(state)
  const page = publicUrl === null ? inline(state.id) : `[${state.id}](${publicUrl}/tasks/${state.id})`
  const waiting = gates.map(
    ({ kind, detail }) => `Waits for a person's decision (${kind}): ${inline(oneLine(detail, 400), 400)}`,
  )
  return [
    `**Twolane**: ${standing(state)}`,
    "",
    `- Task: ${page}, asked by ${inline(turn?.by.name ?? state.by.name)}${turns.length > 1 ? `, turn ${turns.length}` : ""}`,
    ...waiting.map(line => `- ${line}`),
    ...(change === undefined || change.files === 0 ? [] : [`- Change: ${size(change)}`]),
    ...(tests === undefined ? [] : [`- Tests: ${tests.status.replaceAll("_", " ")}`]),
    ...(pullRequest === undefined ? [] : [`- Pull request: ${pullRequest.url}`]),
    ...(turn !== undefined && isFinal(turn.status) && state.review !== "discarded"
      ? ["", `Say more with ${inline(github.mention)} here, or review the pull request.`]
      : []),
  ].join("\n")
}

const standing = (state: TaskState): string => {
  const turn = lastTurn(state)
  if (turn === undefined) return "queued"
  if (state.review === "discarded") return "discarded"
  if (turn.outcome === undefined)
    return turn.status === "queued" ? `queued, ${inline(turn.queueReason)}` : turn.status
  const { detail, ...bare } = turn.outcome
  const words = outcomeWords(bare)
  return detail === undefined ? words : `${words} (${inline(oneLine(detail, 400), 400)})`
}
