import { createHash } from "node:crypto"
import { lstatSync, mkdirSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"

/** The longest path that a unix socket may have, in bytes (`sun_path` is 108 with its final zero). */
const maxSocketBytes = 107

/**
 * Where the private Redis's socket lies: a folder of ours (mode 0700) in `$XDG_RUNTIME_DIR` or the temporary folder, one for each
 * data folder.
 */
export const socketFolder = (dataDir: string, runtimeDir: string | null): string => {
  const name = `twolane-${createHash("sha256").update(dataDir).digest("hex").slice(0, 12)}`
  const owner = process.getuid?.() ?? 0
  const parents = [...(runtimeDir === null ? [] : [runtimeDir]), tmpdir(), "/tmp"]
  for (const parent of parents) {
    const folder = join(parent, parent === runtimeDir ? name : `${name}-${owner}`)
    const fits = Buffer.byteLength(join(folder, "redis.sock")) <= maxSocketBytes
    if (fits && makeOurs(folder, owner)) return folder
  }
  throw new Error(`no folder for the private Redis's socket can be made in ${parents.join(", ")}`)
}

// Anyone may make folders in /tmp: one that another user made there is not used.
const makeOurs = (folder: string, owner: number): boolean => {
  try {
    mkdirSync(folder, { mode: 0o700, recursive: false })
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) return false
  }
  const found = lstatSync(folder)
  return found.isDirectory() && found.uid === owner && (found.mode & 0o077) === 0
}
