import { type GithubConfig, neverAborted } from "@twolane/common"
import type { Repo } from "@twolane/protocol"
import { type GithubDouble, startGithub } from "@twolane/testkit"
import { type Github, openGithub } from "../src/index.ts"

export const signal = neverAborted()

/** A repo that is linked with the double's repository. */
export type Opened = AsyncDisposable & {
  double: GithubDouble
  github: Github
  repo: Repo
  config: GithubConfig
}

export const openPlace = async (): Promise<Opened> => {
  const double = await startGithub({ id: 81_001, owner: "acme", name: "shop" })
  const config: GithubConfig = {
    apiUrl: double.url,
    app: { id: double.appId, keyFile: "", webhookSecret: double.webhookSecret },
    mention: "@twolane",
  }
  const github = openGithub(config, double.privateKey)
  const source = "https://localhost/acme/shop.git"
  const found = await github.find(source, signal)
  const repo: Repo = {
    name: "shop",
    team: "default",
    source,
    defaultBranch: "main",
    createdAt: 1,
    credential: "none",
    secrets: [],
    github: { ...found, fixTurns: 1 },
  }
  return { double, github, repo, config, [Symbol.asyncDispose]: () => double[Symbol.asyncDispose]() }
}
