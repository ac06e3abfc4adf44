import { z } from "zod"
import { ask, type Requester } from "./ask.ts"
import { hookEvents } from "./deliveries.ts"

/** What the App needs at GitHub, as `docs/github/app-manifest.json` has it. */
const needed: Readonly<Record<string, "read" | "write">> = {
  contents: "write",
  pull_requests: "write",
  issues: "write",
  checks: "read",
}

const App = z.object({
  name: z.string(),
  slug: z.string().optional(),
  permissions: z.record(z.string(), z.string()),
  events: z.array(z.string()),
})
const Hook = z.object({ url: z.string().optional() })

/** The App as GitHub knows it: what it lacks, in GitHub's words, and where its deliveries go. */
export type GithubWho = { name: string; lacks: string[]; hookUrl: string | null }

/** Asks who the App is. @throws Postponed, GithubRefused */
export const askGithubWho = async (as: Requester, signal: AbortSignal): Promise<GithubWho> => {
  const { name, permissions, events } = await ask(as, App, ["GET /app"], signal)
  const { url = "" } = await ask(as, Hook, ["GET /app/hook/config"], signal)
  const lacks = [
    ...Object.entries(needed)
      .filter(([of, level]) => permissions[of] !== level && permissions[of] !== "write")
      .map(([of, level]) => `the permission ${of}: ${level}`),
    ...hookEvents.filter(event => !events.includes(event)).map(event => `the event ${event}`),
  ]
  return { name, lacks, hookUrl: url === "" ? null : url }
}
