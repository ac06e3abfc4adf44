import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto"
import { sha256 } from "./secrets.ts"

/** Whose answer it is: a caller, and the `Idempotency-Key` that it chose. */
type Owner = { caller: string; key: string }

// Redis knows the idempotency key by a hash alone, so that what it keeps cannot be opened there.
const keyOf = ({ caller, key }: Owner): Buffer => sha256(`sealed answer\n${caller}\n${key}`)

/** Encrypts an answer (AES-256-GCM), so that only a repeated request with the same `Idempotency-Key` can be told it again. */
export const seal = (owner: Owner, body: unknown): { sealed: string } => {
  const nonce = randomBytes(12)
  const cipher = createCipheriv("aes-256-gcm", keyOf(owner), nonce)
  const text = Buffer.concat([cipher.update(JSON.stringify(body), "utf8"), cipher.final()])
  return { sealed: Buffer.concat([nonce, cipher.getAuthTag(), text]).toString("base64") }
}

/** What `seal` was given. */
export const openSealed = (owner: Owner, kept: unknown): unknown => {
  const bytes = Buffer.from((kept as { sealed: string }).sealed, "base64")
  const decipher = createDecipheriv("aes-256-gcm", keyOf(owner), bytes.subarray(0, 12))
  decipher.setAuthTag(bytes.subarray(12, 28))
  return JSON.parse(Buffer.concat([decipher.update(bytes.subarray(28)), decipher.final()]).toString("utf8"))
}
