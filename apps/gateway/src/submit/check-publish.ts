import { whyNoPulls } from "@twolane/github"
import { Fault, type Repo } from "@twolane/protocol"
import type { Gateway } from "../gateway.ts"

/**
 * Refuses a pull request that could never be opened, before anything is done for it. `path` is the field that asks for it.
 * @throws Fault not-configured
 */
export const checkPullRequest = ({ config }: Pick<Gateway, "config">, repo: Repo, path: string): void => {
  const why = whyNoPulls(config.github, repo)
  if (why !== null) throw new Fault("not-configured", why, { errors: [{ path, message: why }] })
}
