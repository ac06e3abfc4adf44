import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto"

/** Encrypts and decrypts values at rest. `about` (team, repo, name) is bound to the value: a record moved elsewhere does not open. */
export type Crypt = {
  seal: (about: string, text: string) => string
  open: (about: string, sealed: string) => string
}

/** AES-256-GCM with a nonce of its own for each record. @throws Error when the key is not 32 bytes of base64url. */
export const makeCrypt = (secretKey: string): Crypt => {
  const key = Buffer.from(secretKey, "base64url")
  if (key.length !== 32) throw new Error("TWOLANE_SECRET_KEY must be 32 bytes in base64url")
  return {
    seal: (about, text) => {
      const nonce = randomBytes(12)
      const cipher = createCipheriv("aes-256-gcm", key, nonce).setAAD(Buffer.from(about))
      const body = Buffer.concat([cipher.update(text, "utf8"), cipher.final()])
      return Buffer.concat([nonce, cipher.getAuthTag(), body]).toString("base64")
    },
    open: (about, sealed) => {
      const bytes = Buffer.from(sealed, "base64")
      const decipher = createDecipheriv("aes-256-gcm", key, bytes.subarray(0, 12))
      decipher.setAAD(Buffer.from(about)).setAuthTag(bytes.subarray(12, 28))
      return Buffer.concat([decipher.update(bytes.subarray(28)), decipher.final()]).toString("utf8")
    },
  }
}
