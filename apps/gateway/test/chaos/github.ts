import { writeFile } from "node:fs/promises"
import { join } from "node:path"
import { type GithubDouble, makeTempFolder, only, startGithub } from "@twolane/testkit"
import type { Mood } from "@twolane/testkit/github/state"
import type { Ended } from "./check-remote.ts"
import { githubRepo } from "./plan.ts"
import { owner } from "./remote.ts"
import { beginTalk, checkComments, speaker } from "./talks/github.ts"
import type { Platform } from "./talks/talk.ts"

/** A GitHub that one of the repositories is at, and the App that Twolane is there. */
export type ChaosGithub = Platform & {
  double: GithubDouble
  /** The next pull request or comment is made, and nobody hears of it: the connection breaks, or stays silent. */
  loseAnswer: (of: "/pulls" | "/comments", silently: boolean) => void
  /** All but the App's tokens is answered so; null ends it. */
  answer: (mood: Mood["answer"] | null) => void
}

/** Without a token no worker could fetch, which is another fault than this. */
const isNoToken = (_method: string, path: string): boolean => !path.endsWith("/access_tokens")

/** Starts it. */
export const startChaosGithub = async (): Promise<ChaosGithub> => {
  await using stack = new AsyncDisposableStack()
  const folder = stack.use(await makeTempFolder("twl-app-"))
  const double = stack.use(await startGithub({ id: 81_001, owner, name: githubRepo }))
  const keyFile = join(folder.path, "app.pem")
  await writeFile(keyFile, double.privateKey, { mode: 0o600 })
  const lasting: Mood = { fits: isNoToken, times: 0, answer: "hang" }
  double.set(lasting)
  double.state.people.push({ ...speaker, permission: "write" })
  const all = stack.move()
  return {
    double,
    env: {
      TWOLANE_GITHUB_API_URL: double.url,
      TWOLANE_GITHUB_APP_ID: String(double.appId),
      TWOLANE_GITHUB_KEY_FILE: keyFile,
      TWOLANE_GITHUB_WEBHOOK_SECRET: double.webhookSecret,
    },
    link: async caller => {
      const said = await caller.ask("PUT", `/v1/repos/${githubRepo}/github`, { fixTurns: 1 })
      if (said.status !== 200) throw new Error(`no link: ${JSON.stringify(said.body)}`)
    },
    begin: scene => beginTalk(double, scene),
    count: () => double.state.comments.length,
    loseAnswer: (of, silently) =>
      double.set({
        fits: (method, path) => method === "POST" && path.endsWith(of),
        times: 1,
        answer: silently ? "lose-quietly" : "lose",
      }),
    answer: answer => {
      lasting.times = answer === null ? 0 : Number.POSITIVE_INFINITY
      if (answer !== null) lasting.answer = answer
    },
    check: ended => [...checkPulls(double.state.pulls, ended), ...checkComments(double, ended)],
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  }
}

/** Each change that was to be looked at at GitHub has one pull request, and its log the address of that; nothing else has any. */
const checkPulls = (pulls: GithubDouble["state"]["pulls"], ended: readonly Ended[]): string[] => {
  const wrong: string[] = []
  const known = new Set(ended.map(({ task }) => task.branch))
  for (const { head } of pulls)
    if (!known.has(head.ref)) wrong.push(`a pull request of ${head.ref}, which no task has`)
  for (const { story, task, log } of ended) {
    const its = pulls.filter(({ head }) => head.ref === task.branch).map(({ html_url }) => html_url)
    // Each turn tells of the one that its branch has.
    const told = [...new Set(only(log, "pull_request.opened").map(({ url }) => url))]
    const { does } = story.errand
    const publishes = does === "publish" || does === "github"
    const due = publishes
      ? task.turns.some(({ status }) => status === "succeeded")
      : does === "pull request" && task.review === "accepted"
    // One that was opened for a turn which failed after it is there; more than one is never.
    const most = due || publishes ? 1 : 0
    if (its.length > most || (due && its.length === 0))
      wrong.push(`${task.id} (${does}, ${task.review}): ${its.length} pull requests`)
    if (told.length > its.length || (due && told.join() !== its.join()))
      wrong.push(`${task.id} (${does}): its log tells of ${told.join(" ")}, GitHub has ${its.join(" ")}`)
  }
  return wrong
}
