import type { IncomingHttpHeaders } from "node:http"
import { hookEvents } from "@twolane/github"
import { Fault } from "@twolane/protocol"
import { z } from "zod"
import type { Gateway } from "../gateway.ts"
import type { Platform, Verified } from "../inbox/platform.ts"
import { isSignedBy } from "../inbox/signature.ts"
import { handleDelivery } from "./handle.ts"

/** GitHub itself sends nothing larger. */
const maxBodyBytes = 25 * 1024 * 1024

/** GitHub's webhooks; null when the settings have no secret for them. */
export const githubPlatform = (gateway: Gateway): Platform | null => {
  const secret = gateway.config.github.app?.webhookSecret
  if (secret == null) return null
  return {
    name: "github",
    maxBodyBytes,
    verify: (headers, raw) => verifyDelivery(secret, headers, raw),
    handle: (delivery, signal) => handleDelivery(gateway, delivery, signal),
  }
}

const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

/**
 * Takes what GitHub signed; what it does not say anything about is not kept.
 * @throws Fault unauthorized, bad-request, unsupported-media-type, malformed-json, invalid
 */
export const verifyDelivery = (secret: string, headers: IncomingHttpHeaders, raw: Buffer): Verified => {
  const { "x-hub-signature-256": signature, "x-github-event": event, "x-github-delivery": id } = headers
  if (!isSignedBy(signature, { prefix: "sha256=", secret, signed: [raw] }))
    throw new Fault("unauthorized", "The signature (X-Hub-Signature-256) is missing or wrong.")
  if (typeof id !== "string" || !uuid.test(id) || typeof event !== "string")
    throw new Fault("bad-request", "X-GitHub-Delivery and X-GitHub-Event say what it is.")
  if (!/^application\/json\b/.test(headers["content-type"] ?? ""))
    throw new Fault("unsupported-media-type", "Set the webhook's content type to application/json.")
  if (!hookEvents.includes(event)) return {}
  return { keep: { id: id.toLowerCase(), conversation: conversationOf(raw) } }
}

const number = z.object({ number: z.number() })
const Around = z.object({
  repository: z.object({ id: z.number() }),
  issue: number.optional(),
  pull_request: number.optional(),
})

/** What is said in one issue or pull request is heard in its order. */
const conversationOf = (raw: Buffer): string => {
  let said: unknown
  try {
    said = JSON.parse(raw.toString("utf8"))
  } catch (cause) {
    throw new Fault("malformed-json", "The body is not JSON.", { cause })
  }
  const parsed = Around.safeParse(said)
  if (!parsed.success) throw new Fault("invalid", "The body names no repository.")
  const { repository, issue, pull_request: pull } = parsed.data
  return `${repository.id}/${issue?.number ?? pull?.number ?? "checks"}`
}
