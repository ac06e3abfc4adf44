import { type Config, ConfigError, Postponed, readGithubKey } from "@twolane/common"
import { oneLine } from "@twolane/common/clean"
import { askGithubWho, GithubRefused, type GithubWho, openGithub } from "@twolane/github"
import { bad, type Finding, ok, warn } from "./finding.ts"

/** The GitHub App, where one is set up: whether GitHub takes its key, what it lacks there, and whether it can reach us. */
export const checkGithub = async ({ github, publicUrl }: Config, signal: AbortSignal): Promise<Finding[]> => {
  if (github.app === null) return []
  try {
    const { asApp } = openGithub(github, readGithubKey(github.app.keyFile))
    if (asApp === null) return []
    return findingsOf(await askGithubWho(asApp, signal), {
      publicUrl,
      hears: github.app.webhookSecret !== null,
    })
  } catch (error) {
    if (error instanceof ConfigError) return [bad("github", oneLine(error.message))]
    if (error instanceof GithubRefused)
      return [bad("github", `it refuses TWOLANE_GITHUB_APP_ID with that key: ${oneLine(error.message)}`)]
    if (error instanceof Postponed) return [warn("github", "it does not answer now")]
    throw error
  }
}

const findingsOf = (
  { name, lacks, hookUrl }: GithubWho,
  { publicUrl, hears }: { publicUrl: string | null; hears: boolean },
): Finding[] => {
  const wanted = publicUrl === null ? null : `${publicUrl}/integrations/github`
  return [
    lacks.length === 0
      ? ok("github", `it knows us as ${oneLine(name)}`)
      : bad("github", `${oneLine(name)} lacks ${lacks.map(each => oneLine(each)).join(", ")}`),
    ...(hears ? [] : [warn("github webhook", "TWOLANE_GITHUB_WEBHOOK_SECRET is not set: nothing is heard")]),
    ...(!hears || wanted === null || hookUrl === wanted
      ? []
      : [
          bad(
            "github webhook",
            `the App's goes to ${oneLine(hookUrl ?? "no address")}, and not to ${wanted}`,
          ),
        ]),
  ]
}
