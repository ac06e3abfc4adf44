import { hash, randomBytes } from "node:crypto"

/** A secret of 256 random bits. */
export const newSecret = (): string => randomBytes(32).toString("base64url")

/** What is kept of a secret. It has far too many bits to be guessed, so that one plain hash is enough. */
export const digestOf = (secret: string): string => sha256(secret).toString("base64url")

/** The word that goes with every effect of a session: whoever has no way to read our answers cannot know it. */
export const csrfOf = (sessionToken: string): string => digestOf(`csrf ${sessionToken}`)

/** The hash as bytes, of one length for every text, so that two can be compared in constant time. */
export const sha256 = (text: string): Buffer => hash("sha256", text, "buffer")
