import type { Gateway } from "../gateway.ts"
import type { InboxWork, Platform } from "../inbox/platform.ts"
import { fetchMissed } from "./missed.ts"
import { githubPlatform } from "./platform.ts"
import { githubReports, startReporting } from "./reporter.ts"

/** What the gateway does with GitHub's webhooks, and says there; nothing without the settings for it. */
export type GithubHooks = {
  platforms: readonly Platform[]
  works: readonly InboxWork[]
  start(): AsyncDisposable
}

/** GitHub as this gateway's settings have it. */
export const openGithubHooks = (gateway: Gateway): GithubHooks => {
  const platform = githubPlatform(gateway)
  if (platform === null)
    return { platforms: [], works: [], start: () => ({ [Symbol.asyncDispose]: () => Promise.resolve() }) }
  return { platforms: [platform], works: [githubReports(gateway)], start: () => startAll(gateway) }
}

const startAll = (gateway: Gateway): AsyncDisposable => {
  const parts = [startReporting(gateway), fetchMissed(gateway)]
  return {
    [Symbol.asyncDispose]: async () => {
      await Promise.all(parts.map(part => part[Symbol.asyncDispose]()))
    },
  }
}
