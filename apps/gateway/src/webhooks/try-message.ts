import type { Delivery, Webhook, WebhookTry } from "@twolane/protocol"
import type { Gateway } from "../gateway.ts"
import { bodyOf, headersOf } from "./message.ts"
import { type PostResult, post } from "./post.ts"

/** Waits between the eight tries of a message: the last comes a day after the first. */
const waitsMs = [5_000, 60_000, 300_000, 1_800_000, 7_200_000, 25_200_000, 52_200_000]
const shownTries = 10

/** What came of a try. `gone`: the receiver wants nothing more. */
export type Tried = { message: Delivery; succeeded: boolean; gone: boolean }

/**
 * Tries once to send a message.
 * @throws the signal's reason
 */
export const tryMessage = async (
  { store, config }: Pick<Gateway, "store" | "config">,
  hook: Webhook,
  message: Delivery,
  { last = false, signal }: { last?: boolean; signal: AbortSignal },
): Promise<Tried> => {
  const at = store.now()
  const [told, secrets] = await Promise.all([
    store.webhooks.told(hook.team, message),
    store.webhooks.secrets(hook.team, hook.id),
  ])
  if (told === null && message.task !== undefined)
    return ended(message, { at, durationMs: 0, error: "its task is gone" }, "failed")
  const body = bodyOf(hook.team, message, told)
  const started = performance.now()
  const headers = headersOf(message.id, body, { secrets, at })
  const result = await post(hook.url, { body, headers }, { hosts: config.webhookHosts, signal })
  const durationMs = Math.round(performance.now() - started)
  const tried: WebhookTry = { at, durationMs, ...whatCameOf(result) }
  if (tried.error === undefined) return ended(message, tried, "delivered")
  const waitMs = last ? undefined : waitsMs[message.tries.length]
  if (isGone(result) || waitMs === undefined)
    return { ...ended(message, tried, "failed"), gone: isGone(result) }
  const asked = "retryAfterMs" in result ? Math.min(result.retryAfterMs, 86_400_000) : 0
  const nextAt = Math.round(store.now() + Math.max(asked, waitMs * (0.9 + Math.random() / 5)))
  const tries = [...message.tries, tried].slice(-shownTries)
  return { message: { ...message, tries, nextAt }, succeeded: false, gone: false }
}

const ended = (
  { nextAt: _nextAt, ...message }: Delivery,
  tried: WebhookTry,
  status: "delivered" | "failed",
): Tried => ({
  message: { ...message, status, tries: [...message.tries, tried].slice(-shownTries) },
  succeeded: status === "delivered",
  gone: false,
})

const whatCameOf = (result: PostResult): { status?: number; error?: string } => {
  if ("error" in result) return result
  const { status } = result
  if (status >= 200 && status < 300) return { status }
  if (status >= 300 && status < 400) return { status, error: "redirects are not followed" }
  return { status, error: `answered ${status}` }
}

const isGone = (result: PostResult): boolean => "status" in result && result.status === 410
