import { z } from "zod"
import { eventTypes } from "./events.ts"
import { RepoName } from "./requests.ts"
import { PassedShare, spendEventTypes } from "./spend.ts"
import { Actor } from "./terms.ts"

const at = z.number().int()
const label = z.string().trim().min(1).max(100)

/** The events that a webhook can ask for: all of tasks but deltas, which are never stored, and those of the team's budget. */
export const WebhookEvent = z.enum([...eventTypes, ...spendEventTypes])
export type WebhookEvent = z.infer<typeof WebhookEvent>

/** What a webhook hears. A list that is absent leaves nothing out; with several, an event must fit each of them. */
const filters = {
  events: z.array(WebhookEvent).min(1).max(50).optional(),
  repos: z.array(RepoName).min(1).max(100).optional(),
  /** A task with one of them. */
  labels: z.array(label).min(1).max(20).optional(),
}

/** `POST /v1/webhooks`. */
export const WebhookRequest = z.strictObject({
  /** `https://`; other addresses than public ones only as the setting TWOLANE_WEBHOOK_HOSTS says. */
  url: z.url().max(2_000),
  description: z.string().trim().max(200).optional(),
  ...filters,
})
export type WebhookRequest = z.infer<typeof WebhookRequest>

/** A subscription of a team's events. Its secret was shown once, when it was made. */
export const Webhook = z.object({
  id: z.string(),
  team: z.string(),
  url: z.string(),
  description: z.string().optional(),
  ...filters,
  createdAt: at,
  createdBy: Actor,
  /** Since when nothing is sent any more, and why: its receiver answered 410 Gone. */
  disabledAt: at.optional(),
  disabledBecause: z.string().optional(),
  /** Messages that wait to be sent, those between two tries included. */
  waiting: z.number().int().optional(),
  /** How many tries in a row have failed, of any message. */
  failuresInRow: z.number().int().optional(),
})
export type Webhook = z.infer<typeof Webhook>

/** One try to send a message. */
export const WebhookTry = z.object({
  at,
  durationMs: z.number(),
  /** The HTTP status that came back. */
  status: z.number().int().optional(),
  /** Why none did, or why it does not count. */
  error: z.string().optional(),
})
export type WebhookTry = z.infer<typeof WebhookTry>

/** A message to a webhook. It has the same id at each try, so that a receiver knows one that it has. */
export const Delivery = z.object({
  /** The `webhook-id` header. */
  id: z.string(),
  type: z.string(),
  /** The task and event that it tells of; a test message, and one about the budget, has none. */
  task: z.string().optional(),
  event: z.string().optional(),
  budget: PassedShare.optional(),
  createdAt: at,
  /** `waiting`: a try is to come. `failed`: no more will. */
  status: z.enum(["waiting", "delivered", "failed"]),
  nextAt: at.optional(),
  /** Oldest first, the newest ten. */
  tries: z.array(WebhookTry),
})
export type Delivery = z.infer<typeof Delivery>
