import { randomBytes } from "node:crypto"
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { z } from "zod"
import { type Config, ConfigError } from "./config.ts"

/** The first admin key and the key that encrypts credentials and secrets (32 bytes, base64url). */
export type Keys = { apiKey: string; secretKey: string }

const KeyFile = z.object({ apiKey: z.string().min(16), secretKey: z.string().length(43) })

/**
 * The keys from the settings, else those kept in the data folder, made there on the first start (mode 0600). Safe when several
 * processes start at once: they all end with the same keys.
 * @throws ConfigError when the kept file is damaged.
 */
export const loadKeys = (config: Pick<Config, "dataDir" | "apiKey" | "secretKey">): Keys => {
  if (config.apiKey !== null && config.secretKey !== null)
    return { apiKey: config.apiKey, secretKey: config.secretKey }
  const kept = keptKeys(config.dataDir) ?? makeKeys(config.dataDir)
  return { apiKey: config.apiKey ?? kept.apiKey, secretKey: config.secretKey ?? kept.secretKey }
}

/** The keys kept in a data folder; null when there are none yet. */
export const keptKeys = (dataDir: string): Keys | null => {
  const path = keyPath(dataDir)
  let text: string
  try {
    text = readFileSync(path, "utf8")
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return null
    throw new ConfigError("TWOLANE_DATA_DIR", `${path} cannot be read`, { cause: error })
  }
  try {
    return KeyFile.parse(JSON.parse(text))
  } catch (cause) {
    throw new ConfigError("TWOLANE_DATA_DIR", `${path} is damaged: restore it, or secrets stay unreadable`, {
      cause,
    })
  }
}

/** The file that keeps the keys of a data folder. */
export const keyPath = (dataDir: string): string => join(dataDir, "keys.json")

const makeKeys = (dataDir: string): Keys => {
  const keys = {
    apiKey: `twl_${randomBytes(24).toString("base64url")}`,
    secretKey: randomBytes(32).toString("base64url"),
  }
  mkdirSync(dataDir, { recursive: true, mode: 0o700 })
  const draft = `${keyPath(dataDir)}.${randomBytes(6).toString("hex")}`
  writeFileSync(draft, `${JSON.stringify(keys, null, 2)}\n`, { mode: 0o600, flush: true })
  try {
    // A link never replaces what is there: whoever comes second takes the first one's keys.
    linkSync(draft, keyPath(dataDir))
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error
  } finally {
    rmSync(draft, { force: true })
  }
  return keptKeys(dataDir) ?? keys
}
