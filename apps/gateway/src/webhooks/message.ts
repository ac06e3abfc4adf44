import { createHmac } from "node:crypto"
import type { Delivery } from "@twolane/protocol"
import type { Told } from "@twolane/store"
import { bounded } from "../bounded.ts"

/** Longer texts of an event are cut: the whole of it is in the task's log. */
const mostText = 16_384
/** Events that are smaller go as they are. */
const mostEvent = 65_536

/** What a message says: what happened, and the task as it is now; or what was passed of the team's budget. */
export const bodyOf = (team: string, { type, budget, createdAt }: Delivery, told: Told): string => {
  const timestamp = new Date(told?.event.at ?? createdAt).toISOString()
  const data = told === null ? { team, budget } : { team, task: told.task, event: small(told.event) }
  return JSON.stringify({ type, timestamp, data })
}

const small = <Event extends object>(event: Event): Event | (Event & { truncated: true }) => {
  if (JSON.stringify(event).length <= mostEvent) return event
  const cut = (value: unknown): unknown => {
    if (typeof value === "string") return bounded(value, mostText)
    if (Array.isArray(value)) return value.slice(0, 100).map(cut)
    if (typeof value !== "object" || value === null) return value
    return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, cut(part)]))
  }
  return { ...(cut(event) as Event), truncated: true }
}

/** The beginning of a webhook's secret; what follows is base64 of its bytes (Standard Webhooks). */
export const secretPrefix = "whsec_"

/** The headers of one try (Standard Webhooks 1.0): one signature for each secret that is valid. */
export const headersOf = (
  id: string,
  body: string,
  { secrets, at }: { secrets: readonly string[]; at: number },
): Record<string, string> => {
  const seconds = Math.floor(at / 1_000)
  const signatures = secrets.map(secret => {
    const key = Buffer.from(secret.slice(secretPrefix.length), "base64")
    return `v1,${createHmac("sha256", key).update(`${id}.${seconds}.${body}`).digest("base64")}`
  })
  return {
    "content-type": "application/json",
    "user-agent": "Twolane-Webhooks",
    "webhook-id": id,
    "webhook-timestamp": String(seconds),
    "webhook-signature": signatures.join(" "),
  }
}
