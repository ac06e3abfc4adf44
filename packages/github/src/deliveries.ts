import { z } from "zod"
import { ask, askPage, type Requester } from "./ask.ts"

/** The events that may mean something to us; the App has to hear them. */
export const hookEvents: readonly string[] = ["issue_comment", "issues", "pull_request_review", "check_suite"]

const pageSize = 100

const Row = z.object({
  id: z.number(),
  guid: z.string(),
  delivered_at: z.string().transform(text => Date.parse(text)),
  status_code: z.number(),
  event: z.string(),
})

type Page = { items: z.infer<typeof Row>[]; cursor: string | null }

/** One try of GitHub's to deliver something to the App: `guid` names what was delivered, `at` when (epoch ms), `ok` whether it was taken. */
export type HookDelivery = { id: number; guid: string; at: number; ok: boolean; event: string }

/** The App's deliveries since then, newest first, at most so many pages of 100. @throws Postponed, GithubRefused */
export const readHookDeliveries = async (
  as: Requester,
  { since, mostPages }: { since: number; mostPages: number },
  signal: AbortSignal,
): Promise<HookDelivery[]> => {
  const found: HookDelivery[] = []
  let cursor: string | null = null
  for (let page = 0; page < mostPages; page += 1) {
    const parameters: Record<string, unknown> = { per_page: pageSize, ...(cursor === null ? {} : { cursor }) }
    const answer: Page = await askPage(as, z.array(Row), ["GET /app/hook/deliveries", parameters], signal)
    for (const { id, guid, delivered_at: at, status_code: code, event } of answer.items)
      if (at >= since) found.push({ id, guid, at, ok: code >= 200 && code < 300, event })
    const oldest = answer.items.at(-1)
    if (oldest === undefined || oldest.delivered_at < since || answer.cursor === null) break
    cursor = answer.cursor
  }
  return found
}

/** Has GitHub deliver something once more, as it was, with the signature and the id that it had. @throws Postponed, GithubRefused */
export const redeliver = async (as: Requester, id: number, signal: AbortSignal): Promise<void> => {
  const route = "POST /app/hook/deliveries/{delivery_id}/attempts"
  await ask(as, z.unknown(), [route, { delivery_id: id }], signal)
}
