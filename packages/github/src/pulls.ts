import { type CredentialRequest, Fault, type Repo } from "@twolane/protocol"
import { z } from "zod"
import { ask, GithubRefused } from "./ask.ts"
import type { Github, Place } from "./github.ts"
import { receiptEnd, receiptStart } from "./receipt.ts"

/** A pull request as it is wanted. `key` names the effect: what was opened under it is not opened again, even once it is closed. */
export type WantedPull = { key: string; head: string; base: string; title: string; receipt: string }

/** One that is there. */
export type OpenedPull = { number: number; url: string }

const Pull = z.object({
  number: z.number(),
  html_url: z.string(),
  state: z.string(),
  body: z.string().nullish(),
  base: z.object({ ref: z.string() }),
})
type Pull = z.infer<typeof Pull>

/**
 * Opens the pull request of a branch, or finds the one that it has and brings its receipt up to date: whoever repeats it after a crash at
 * any point meets the first one.
 * @throws Fault not-configured, publish-failed when GitHub refuses; Postponed when it cannot be asked
 */
export const openPull = async (
  github: Github,
  { repo, credential, ...wanted }: WantedPull & { repo: Repo; credential: CredentialRequest | null },
  signal: AbortSignal,
): Promise<OpenedPull> => {
  try {
    const place = await github.placeOf(repo, credential, signal)
    const found = await lookUp(place, wanted, signal)
    if (found !== null) return await renew(place, wanted, found, signal)
    return viewOf(await create(place, wanted, signal))
  } catch (error) {
    if (!(error instanceof GithubRefused)) throw error
    throw new Fault("publish-failed", `GitHub refused the pull request: ${error.message}`, { cause: error })
  }
}

const viewOf = ({ number, html_url: url }: Pull): OpenedPull => ({ number, url })

const of = ({ owner, name }: Place) => ({ owner, repo: name })

const markOf = (key: string): string => `<!-- twolane:${key} -->`

/** Of a branch there is at most one open pull request to one base. */
const lookUp = async (
  place: Place,
  { key, head, base }: WantedPull,
  signal: AbortSignal,
): Promise<Pull | null> => {
  const query = { ...of(place), head: `${place.owner}:${head}`, base, state: "all", per_page: 50 }
  const pulls = await ask(place.as, z.array(Pull), ["GET /repos/{owner}/{repo}/pulls", query], signal)
  const ours = pulls.find(({ body }) => body?.includes(markOf(key)) === true)
  return ours ?? pulls.find(({ state }) => state === "open") ?? null
}

const create = async (place: Place, wanted: WantedPull, signal: AbortSignal): Promise<Pull> => {
  const { key, head, base, title, receipt } = wanted
  const body = `${receiptStart}\n${receipt}\n${receiptEnd}\n${markOf(key)}`
  const asked = { ...of(place), head, base, title, body }
  try {
    return await ask(place.as, Pull, ["POST /repos/{owner}/{repo}/pulls", asked], signal)
  } catch (error) {
    if (!(error instanceof GithubRefused) || error.status !== 422) throw error
    // "A pull request already exists": another sender's, or our own of which the answer was lost.
    const found = await lookUp(place, wanted, signal)
    if (found === null) throw error
    return found
  }
}

/** What people wrote around the receipt stays. */
const renew = async (
  place: Place,
  { key, receipt }: WantedPull,
  pull: Pull,
  signal: AbortSignal,
): Promise<OpenedPull> => {
  const body = pull.body ?? ""
  const start = body.indexOf(receiptStart)
  const end = body.indexOf(receiptEnd)
  const known = body.includes(markOf(key))
  if (known || pull.state !== "open" || start < 0 || end < start) return viewOf(pull)
  const next = `${body.slice(0, start)}${receiptStart}\n${receipt}\n${body.slice(end)}\n${markOf(key)}`
  const asked = { ...of(place), number: pull.number, body: next.slice(0, 65_000) }
  return viewOf(await ask(place.as, Pull, ["PATCH /repos/{owner}/{repo}/pulls/{number}", asked], signal))
}
