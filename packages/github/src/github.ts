import { App } from "@octokit/app"
import { Octokit } from "@octokit/core"
import { type GithubConfig, Postponed } from "@twolane/common"
import { type CredentialRequest, Fault, type GithubLink, type Repo } from "@twolane/protocol"
import { z } from "zod"
import { ask, GithubRefused, type Requester } from "./ask.ts"
import { type RepositoryName, repositoryOf } from "./source.ts"

/** One repository at GitHub, and who asks. */
export type Place = RepositoryName & { as: Requester }

/** GitHub as this process is known there: by the App, or by what a repo's credential is. */
export type Github = {
  /**
   * The repository of a repo: as the App where the two are linked, else with the repo's own token.
   * @throws Fault not-configured; Postponed, GithubRefused
   */
  placeOf(repo: Repo, credential: CredentialRequest | null, signal: AbortSignal): Promise<Place>
  /** The App itself; null where none is set up. */
  asApp: Requester | null
  /** What git is let in with where a linked repo has no credential: the installation's token of now; null otherwise. */
  credentialOf(repo: Repo | null): Promise<CredentialRequest | null>
  /**
   * Finds the repository that a source is, and the installation of the App that has it.
   * @throws Fault not-configured, repo-unreachable
   */
  find(
    source: string,
    signal: AbortSignal,
  ): Promise<Pick<GithubLink, "installation" | "repository" | "fullName">>
}

const Repository = z.object({
  id: z.number(),
  name: z.string(),
  full_name: z.string(),
  owner: z.object({ login: z.string() }),
})
const Token = z.object({ token: z.string() })
const Installation = z.object({ id: z.number() })

/** GitHub, by the settings; `key` is the App's private key. */
export const openGithub = (config: GithubConfig, key: string | null): Github => {
  const Client = Octokit.defaults({ baseUrl: config.apiUrl, userAgent: "Twolane", log: silent })
  const app =
    config.app === null || key === null
      ? null
      : new App({ appId: config.app.id, privateKey: key, Octokit: Client, log: silent })
  const asInstallation = async (installation: number): Promise<Requester> => {
    if (app === null) throw new Fault("not-configured", `${needsApp} (TWOLANE_GITHUB_APP_ID).`)
    return requesterOf(await app.getInstallationOctokit(installation))
  }
  return {
    asApp: app === null ? null : requesterOf(app.octokit),
    placeOf: async (repo, credential, signal) => {
      if (repo.github !== undefined && app !== null) {
        const as = await asInstallation(repo.github.installation)
        // By its number: it may have another name by now.
        const wanted = { id: repo.github.repository }
        const found = await ask(as, Repository, ["GET /repositories/{id}", wanted], signal)
        return { as, owner: found.owner.login, name: found.name }
      }
      const why = whyNoPulls(config, repo)
      const named = repositoryOf(repo.source, config.apiUrl)
      if (why !== null || named === null || credential?.kind !== "token")
        throw new Fault("not-configured", why ?? "The repo's token was removed.")
      return { ...named, as: requesterOf(new Client({ auth: credential.token })) }
    },
    credentialOf: async repo => {
      if (repo?.github === undefined || app === null || !repo.source.startsWith("https:")) return null
      const octokit = await app.getInstallationOctokit(repo.github.installation)
      const given = await octokit.auth({ type: "installation" }).catch((cause: unknown) => {
        throw new Fault("repo-unreachable", "GitHub gave no token for the repo's installation.", { cause })
      })
      return { kind: "token", user: "x-access-token", token: Token.parse(given).token }
    },
    find: async (source, signal) => {
      if (app === null) throw new Fault("not-configured", `${needsApp} (TWOLANE_GITHUB_APP_ID).`)
      const named = repositoryOf(source, config.apiUrl)
      if (named === null) throw new Fault("not-configured", `${source} is no repository at ${config.apiUrl}.`)
      const params = { owner: named.owner, repo: named.name }
      try {
        const asApp = requesterOf(app.octokit)
        const { id } = await ask(
          asApp,
          Installation,
          ["GET /repos/{owner}/{repo}/installation", params],
          signal,
        )
        const found = await ask(
          await asInstallation(id),
          Repository,
          ["GET /repos/{owner}/{repo}", params],
          signal,
        )
        return { installation: id, repository: found.id, fullName: found.full_name }
      } catch (error) {
        throw linkFault(error, `${named.owner}/${named.name}`)
      }
    },
  }
}

const needsApp = "The GitHub App is not set up here; see docs/github.md"

const linkFault = (error: unknown, name: string): unknown => {
  if (error instanceof Postponed) return new Fault("repo-unreachable", error.message, { cause: error })
  if (!(error instanceof GithubRefused)) return error
  if (error.status !== 404) return new Fault("repo-unreachable", `GitHub: ${error.message}`, { cause: error })
  return new Fault("repo-unreachable", `The App is not installed at ${name}, or may not see it.`, {
    cause: error,
  })
}

/** Octokit warns on the console by itself. */
const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }

const requesterOf = (octokit: Octokit): Requester => ({
  request: (route, parameters) => octokit.request(route, parameters),
})

/** Why no pull request can be opened for a repo, as a person would mend it; null when one can. */
export const whyNoPulls = (
  { apiUrl, app }: GithubConfig,
  { name, source, github, credential }: Pick<Repo, "name" | "source" | "github" | "credential">,
): string | null => {
  if (github !== undefined && app !== null) return null
  if (repositoryOf(source, apiUrl) === null)
    return `Pull requests need a source at ${apiUrl}; ${name} is ${source}.`
  if (credential === "token") return null
  return app === null
    ? `Pull requests need the GitHub App (docs/github.md), or a token as the credential of ${name}.`
    : `Link ${name} with its repository first: twolane repos github ${name} (or give it a token as its credential).`
}
