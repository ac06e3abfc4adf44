import { createHmac, createSecretKey, timingSafeEqual } from "node:crypto"

/** Seals records so that none can be changed, added or taken out of the middle by anyone who has Redis alone. */
export type Chain = {
  /** The mac of a record that follows another one. */
  next(before: string, seq: number, json: string): string
  /** What attests that everything up to a record was let go of on purpose. */
  floor(team: string, seq: number, mac: string): string
  same(a: string, b: string): boolean
}

/** HMAC-SHA256 by a key of its own, derived from `TWOLANE_SECRET_KEY`. */
export const makeChain = (secretKey: string): Chain => {
  const derived = createHmac("sha256", Buffer.from(secretKey, "base64url"))
    .update("twolane audit chain 1")
    .digest()
  // Node makes a key of raw bytes anew for each mac, which takes six times as long as the mac itself.
  const key = createSecretKey(derived)
  const mac = (text: string) => createHmac("sha256", key).update(text).digest("base64url")
  return {
    next: (before, seq, json) => mac(`record\n${before}\n${seq}\n${json}`),
    floor: (team, seq, at) => mac(`floor\n${team}\n${seq}\n${at}`),
    same: (a, b) => a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b)),
  }
}

/** What the first record of a team follows: no other team's chain can be put in its place. */
export const startOf = (team: string): string => `start ${team}`
