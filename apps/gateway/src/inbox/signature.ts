import { createHmac, timingSafeEqual } from "node:crypto"

/** A request whose signed time is further away than this is a replay, or comes from a clock that is wrong. */
const maxAgeMs = 300_000

/** What a platform's signature is made of. */
export type HmacParts = {
  /** What stands before the hex digits, such as `sha256=` or `v0=`. */
  prefix: string
  secret: string
  /** What is signed, piece by piece. */
  signed: readonly (string | Buffer)[]
}

/**
 * Whether a header is the HMAC-SHA-256 of what was sent: the prefix and 64 lower-case hex digits, and nothing else. Takes the same time
 * wherever it differs.
 */
export const isSignedBy = (
  header: string | string[] | undefined,
  { prefix, secret, signed }: HmacParts,
): boolean => {
  if (typeof header !== "string" || !header.startsWith(prefix)) return false
  const digits = header.slice(prefix.length)
  if (!/^[0-9a-f]{64}$/.test(digits)) return false
  const hmac = createHmac("sha256", secret)
  for (const part of signed) hmac.update(part)
  return timingSafeEqual(hmac.digest(), Buffer.from(digits, "hex"))
}

/** Whether a signed time (seconds since 1970, ten plain digits) is at most five minutes away from now (epoch ms). */
export const isFresh = (seconds: string | string[] | undefined, now: number): boolean =>
  typeof seconds === "string" &&
  /^\d{10}$/.test(seconds) &&
  Math.abs(now - Number(seconds) * 1_000) <= maxAgeMs
