import { whyNoPulls } from "@twolane/github"
import { Fault, type Repo, type TurnOptions } from "@twolane/protocol"
import type { Gateway } from "../gateway.ts"

/**
 * Refuses a turn that would publish what could not be, or what another person has to accept first. A pull request asks for a review, so
 * that anyone may have one opened.
 * @throws Fault not-configured, own-approval
 */
export const checkPublish = async (
  gateway: Pick<Gateway, "config" | "repos">,
  repo: Repo,
  base: string,
  publish: TurnOptions["publish"],
): Promise<void> => {
  if (publish === "pull_request") checkPullRequest(gateway, repo, "publish")
  if (publish !== "branch" || !(await gateway.repos.asksAnother(repo, base))) return
  const message = "another person must accept it first: twolane.yaml says so (approvals.by)"
  throw new Fault("own-approval", `Its branch cannot be pushed by itself: ${message}.`, {
    errors: [{ path: "publish", message }],
  })
}

/**
 * Refuses a pull request that could never be opened, before anything is done for it. `path` is the field that asks for it.
 * @throws Fault not-configured
 */
export const checkPullRequest = ({ config }: Pick<Gateway, "config">, repo: Repo, path: string): void => {
  const why = whyNoPulls(config.github, repo)
  if (why !== null) throw new Fault("not-configured", why, { errors: [{ path, message: why }] })
}
