import { setTimeout as sleep } from "node:timers/promises"
import type { Task } from "@twolane/protocol"
import {
  type GithubDouble,
  type SaidIssue,
  saidChecks,
  saidComment,
  saidIssue,
  saidReview,
} from "@twolane/testkit"
import type { Ended } from "../check-remote.ts"
import type { Scene } from "../person.ts"
import { checkTwice, phaseOf, type Talk } from "./talk.ts"

/** Who speaks at GitHub. */
export const speaker = { id: 1_815, login: "ada" } as const

const issueOf = (task: number): SaidIssue => ({
  number: 100_000 + task,
  title: "Something is to be done",
  body: "As it is said below.",
  by: { id: 666, login: "mallory" },
})

/** Asks in an issue, and for more by another comment, a review of the pull request, or a failing check of it. */
export const beginTalk = (double: GithubDouble, scene: Scene): Talk => {
  const { state } = double
  const { errand } = scene.story
  const issue = issueOf(errand.task)
  const send = (event: string, payload: unknown) => delivered(double, scene, event, payload)
  const comment = (prompt: string) =>
    send("issue_comment", saidComment(state, { issue, body: `@twolane ${prompt}`, by: speaker }))
  return {
    // The issue itself is a comment, too.
    order: prompt =>
      errand.afterMs % 4 === 0
        ? send(
            "issues",
            saidIssue(state, { issue: { ...issue, body: `@twolane ${prompt}`, by: speaker }, by: speaker }),
          )
        : comment(prompt),
    more: (prompt, task) => {
      const pull = state.pulls.find(({ head }) => head.ref === task.branch)
      const ways = pull === undefined || task.head === undefined ? 1 : 3
      const way = Math.floor(errand.afterMs / 2) % ways
      if (way === 0) return comment(prompt)
      if (way === 1)
        return send(
          "pull_request_review",
          saidReview(state, { pull: pull?.number ?? 0, body: prompt, by: speaker }),
        )
      const sha = task.head ?? ""
      const output = { title: prompt, summary: null, text: null }
      state.checks.push({ id: errand.task, name: "lint", head_sha: sha, conclusion: "failure", output })
      return send("check_suite", saidChecks(state, { branch: task.branch, sha }))
    },
    find: async () => {
      const label = encodeURIComponent(`github#${issue.number}`)
      const { body } = await scene.caller.ask("GET", `/v1/tasks?label=${label}`)
      return (body as { items: Task[] }).items[0]?.id ?? null
    },
    refusal: () =>
      commentsIn(double, errand.task).find(({ body }) => body.includes("does not do this"))?.body ?? null,
    faults: task => faultsOf(double, errand.task, task),
  }
}

const redeliverAfterMs = 12_000

/** GitHub delivers once. What nobody took is asked for by a gateway that starts, or sent again by a person who presses *Redeliver*. */
const delivered = async (
  double: GithubDouble,
  { fleet, random, signal }: Scene,
  event: string,
  payload: unknown,
): Promise<string | null> => {
  let gateway = ""
  const choose = () => {
    gateway = random.one(fleet.gateways)
    return `${gateway}/integrations/github`
  }
  const first = await double.deliver(choose, event, payload)
  if (first.status_code === 202) return gateway
  const wasTaken = () =>
    double.state.deliveries.some(({ guid, status_code }) => guid === first.guid && status_code === 202)
  for (;;) {
    await sleep(redeliverAfterMs, undefined, { signal })
    if (wasTaken()) return null
    await first.again()
  }
}

const commentsIn = ({ state }: GithubDouble, task: number) =>
  state.comments.filter(({ issue, user }) => issue === issueOf(task).number && user.type === "Bot")

const faultsOf = (double: GithubDouble, errand: number, task: Task): string[] => {
  const comments = commentsIn(double, errand)
  const wrong: string[] = []
  if (new Set(comments.map(markOf)).size !== 1) wrong.push(`${comments.length} comments tell of it`)
  const said = comments[0]?.body ?? ""
  const turns = task.turns.length > 1 ? `, turn ${task.turns.length}` : ""
  if (!said.includes(`**Twolane**: ${phaseOf(task)}`) || !said.includes(turns))
    wrong.push(`its comment does not say ${phaseOf(task)}${turns}: ${said.slice(0, 300)}`)
  return wrong
}

const markOf = ({ body }: { body: string }): string => /<!-- twolane:[^>]+ -->/.exec(body)?.[0] ?? body

/** Each task has one comment in its issue, which tells how it stands. */
export const checkComments = (double: GithubDouble, ended: readonly Ended[]): string[] => [
  ...checkTwice(double.state.comments.map(each => ({ key: markOf(each), words: each.body }))),
  ...ended.flatMap(({ story: { errand }, task }) =>
    errand.does === "github"
      ? faultsOf(double, errand.task, task).map(fault => `${task.id} (GitHub): ${fault}`)
      : [],
  ),
]
