import { readFileSync } from "node:fs"
import { z } from "zod"
import { ConfigError } from "./config.ts"
import { httpUrl, wholeNumber } from "./config-fields.ts"

/** The settings about GitHub. */
export const githubSettings = {
  TWOLANE_GITHUB_API_URL: httpUrl.default("https://api.github.com"),
  TWOLANE_GITHUB_APP_ID: wholeNumber(1, 999_999_999_999).optional(),
  TWOLANE_GITHUB_KEY_FILE: z.string().optional(),
  TWOLANE_GITHUB_WEBHOOK_SECRET: z
    .string()
    .min(16, "must have at least 16 characters")
    .max(1_000, "must have at most 1,000 characters")
    .optional(),
  TWOLANE_GITHUB_MENTION: z
    .string()
    .regex(/^@[A-Za-z0-9][A-Za-z0-9-]{0,38}$/, "must be a name at GitHub, such as @twolane")
    .default("@twolane"),
}
type Settings = z.infer<z.ZodObject<typeof githubSettings>>

/** GitHub, and how we are known there. */
export type GithubConfig = {
  /** The API's base; of a GitHub Enterprise Server `https://<host>/api/v3`. */
  apiUrl: string
  /** The App; null: only tokens of repos serve. */
  app: { id: number; keyFile: string; webhookSecret: string | null } | null
  /** What a comment that is for us begins with, or has in it. */
  mention: string
}

/** @throws ConfigError for an App of which a part is missing */
export const githubOf = (settings: Settings): GithubConfig => {
  const {
    TWOLANE_GITHUB_APP_ID: id,
    TWOLANE_GITHUB_KEY_FILE: keyFile,
    TWOLANE_GITHUB_WEBHOOK_SECRET: webhookSecret = null,
    TWOLANE_GITHUB_API_URL: apiUrl,
    TWOLANE_GITHUB_MENTION: mention,
  } = settings
  if (id !== undefined && keyFile !== undefined)
    return { apiUrl, app: { id, keyFile, webhookSecret }, mention }
  if (id !== undefined)
    throw new ConfigError("TWOLANE_GITHUB_KEY_FILE", "is missing: where the App's private key (PEM) lies")
  if (keyFile !== undefined) throw new ConfigError("TWOLANE_GITHUB_APP_ID", "is missing: the App's number")
  if (webhookSecret === null) return { apiUrl, app: null, mention }
  throw new ConfigError(
    "TWOLANE_GITHUB_WEBHOOK_SECRET",
    "needs TWOLANE_GITHUB_APP_ID and TWOLANE_GITHUB_KEY_FILE",
  )
}

/**
 * Reads the App's private key.
 * @throws ConfigError when the file is not there, or no private key
 */
export const readGithubKey = (keyFile: string): string => {
  let text: string
  try {
    text = readFileSync(keyFile, "utf8")
  } catch (cause) {
    throw new ConfigError("TWOLANE_GITHUB_KEY_FILE", `${keyFile} cannot be read`, { cause })
  }
  if (/^-----BEGIN (?:RSA )?PRIVATE KEY-----/.test(text)) return text
  throw new ConfigError("TWOLANE_GITHUB_KEY_FILE", `${keyFile} has no private key in PEM`)
}
