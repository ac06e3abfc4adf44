import { createHmac, timingSafeEqual } from "node:crypto"

/** A request that is older, or from the future, is refused: it may be a replay. */
const maxAgeSeconds = 300

/** The headers that Slack signs with, as they came. */
export type SlackSignature = { timestamp: unknown; signature: unknown }

/**
 * Whether Slack signed these bytes within the last five minutes. The Chat SDK's own check takes whatever `Number` takes for a time (`1.7e9`, blanks);
 * here a time is ten digits, and a signature 64 lower-case hexadecimal ones.
 */
export const isFromSlack = (
  body: Uint8Array,
  { timestamp, signature }: SlackSignature,
  { secret, nowMs }: { secret: string; nowMs: number },
): boolean => {
  if (typeof timestamp !== "string" || !/^\d{10}$/.test(timestamp)) return false
  if (typeof signature !== "string" || !/^v0=[0-9a-f]{64}$/.test(signature)) return false
  if (Math.abs(Math.floor(nowMs / 1_000) - Number(timestamp)) > maxAgeSeconds) return false
  const expected = createHmac("sha256", secret).update(`v0:${timestamp}:`).update(body).digest()
  return timingSafeEqual(Buffer.from(signature.slice("v0=".length), "hex"), expected)
}
