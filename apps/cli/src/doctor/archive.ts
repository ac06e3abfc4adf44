import { randomBytes } from "node:crypto"
import { existsSync } from "node:fs"
import type { Config } from "@twolane/common"
import { openShelf, openStore, probeShelf } from "@twolane/store"
import { bad, type Finding, ok, warn } from "./finding.ts"

/** Whether finished tasks can go to the archive and come back: something is written, read and removed there. */
export const checkArchive = async (config: Config): Promise<Finding> => {
  const { history } = config
  const shelf = openShelf(history)
  if (shelf === undefined)
    return warn("archive", "TWOLANE_ARCHIVE is not set: finished tasks stay in Redis (docs/operations.md)")
  try {
    const apart = config.redisUrl === null ? null : await lookApart(config.redisUrl, config)
    if (apart !== null) return bad("archive", apart)
    // What the first start makes is not made here.
    if (
      config.redisUrl === null &&
      history.archive !== null &&
      "folder" in history.archive &&
      !existsSync(shelf.place)
    )
      return ok("archive", `${shelf.place}, made at the first start; ${policyOf(config)}`)
    await probeShelf(shelf)
    return ok("archive", `${shelf.place}; ${policyOf(config)}`)
  } catch (error) {
    return bad(
      "archive",
      `${shelf.place}: ${error instanceof Error ? error.message : String(error)} (TWOLANE_ARCHIVE)`,
    )
  }
}

const policyOf = ({ history: { keepDays, archiveDays } }: Config): string =>
  `finished tasks go there after ${keepDays} days, ${archiveDays === null ? "and stay" : `and are deleted after ${archiveDays}`}`

const lookApart = async (url: string, { history }: Config): Promise<string | null> => {
  // It reads nothing that is encrypted.
  const secretKey = randomBytes(32).toString("base64url")
  await using store = await openStore({ url, secretKey, archive: openShelf(history), onError: () => {} })
  return await store.archive.join("look")
}
