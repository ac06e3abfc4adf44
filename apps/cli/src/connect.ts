import { readFileSync } from "node:fs"
import { join } from "node:path"
import { type Client, createClient } from "@twolane/client"
import { type Config, keptKeys, readConfig } from "@twolane/common"
import { UsageError } from "./exit.ts"
import type { Output } from "./output.ts"
import { addressFile, localUrl } from "./up/address.ts"
import { projectRoot } from "./up/root.ts"

/** What a command works with. */
export type Context = {
  client: Client
  output: Output
  /** Ends with Ctrl-C. */
  signal: AbortSignal
}

/** Where the gateway is, and the key to it. */
export type Access = { url: string; apiKey: string }

/**
 * Finds the gateway: by `TWOLANE_URL` and `TWOLANE_API_KEY`, else by what `npm start` left in the data folder, here or in Twolane's
 * own folder.
 * @throws UsageError when there is no key.
 */
export const findAccess = (config: Config = readConfig()): Access => {
  const folders = [config.dataDir, join(projectRoot, ".twolane")]
  const folder = folders.find(each => keptKeys(each) !== null) ?? config.dataDir
  const url = config.url ?? keptAddress(folder) ?? localUrl(config.host, config.port)
  const apiKey = config.apiKey ?? keptKeys(folder)?.apiKey
  if (apiKey === undefined)
    throw new UsageError(
      `No API key: set TWOLANE_API_KEY (and TWOLANE_URL), or call this where \`npm start\` keeps its data (${config.dataDir}).`,
    )
  return { url, apiKey }
}

const keptAddress = (dataDir: string): string | null => {
  try {
    return readFileSync(addressFile(dataDir), "utf8").trim() || null
  } catch {
    return null // no `npm start` runs on this folder now
  }
}

/** A client of the gateway that `findAccess` finds. */
export const connect = (): Client => {
  const { url, apiKey } = findAccess()
  return createClient({ baseUrl: url, apiKey, origin: "cli" })
}
