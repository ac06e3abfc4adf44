import { mkdir, readFile, rename, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { z } from "zod"
import { plainAttributes } from "./attributes.ts"
import { runGit } from "./git.ts"

/** What a mirror remembers beside git's own files. `fetchedAt` is when its last whole fetch began. */
export const MirrorState = z.strictObject({
  source: z.string(),
  defaultBranch: z.string(),
  fetchedAt: z.number(),
})
export type MirrorState = z.infer<typeof MirrorState>

const stateFile = (dir: string): string => join(dir, "twolane", "state.json")

/** A private folder in the mirror for bytes on their way in. */
export const scratchOf = (dir: string): string => join(dir, "twolane", "scratch")

/** Replaces a file by rename, so that a reader sees the old one or the new one. */
const replace = async (path: string, text: string): Promise<void> => {
  const next = `${path}.${crypto.randomUUID()}`
  await writeFile(next, text)
  await rename(next, path)
}

/** The mirror's state; null while it was never fetched whole. */
export const readState = async (dir: string): Promise<MirrorState | null> => {
  const text = await readFile(stateFile(dir), "utf8").catch(() => null)
  if (text === null) return null
  try {
    return MirrorState.parse(JSON.parse(text))
  } catch {
    // Half a file or one of an older version: a new fetch writes it again.
    return null
  }
}

/** Records the mirror's state after a whole fetch. */
export const writeState = (dir: string, state: MirrorState): Promise<void> =>
  replace(stateFile(dir), `${JSON.stringify(state)}\n`)

const config = (shaLength: number): string => `# Written by Twolane; changes are undone.
[core]
\trepositoryformatversion = ${shaLength === 64 ? 1 : 0}
\tfilemode = true
\tbare = true
\tlogAllRefUpdates = false
\tcheckStat = minimal
\ttrustctime = false
[gc]
\tauto = 0
${shaLength === 64 ? "[extensions]\n\tobjectFormat = sha256\n" : ""}`

/** Makes a bare repository of the service's own at `dir`, whole or not at all. Whoever calls it holds the lock. */
export const createRepository = async (
  dir: string,
  shaLength: number,
  signal: AbortSignal,
): Promise<void> => {
  const fresh = `${dir}.new-${crypto.randomUUID()}`
  await mkdir(fresh, { recursive: true, mode: 0o700 })
  const format = shaLength === 64 ? "sha256" : "sha1"
  await runGit(
    {
      command: "init",
      gitDir: fresh,
      args: ["--bare", "--quiet", "--template=", `--object-format=${format}`],
    },
    signal,
  )
  await mkdir(join(fresh, "info"), { recursive: true })
  await mkdir(join(fresh, "worktrees"), { recursive: true })
  await mkdir(scratchOf(fresh), { recursive: true })
  await writeFile(join(fresh, "info", "attributes"), plainAttributes)
  await writeFile(join(fresh, "config"), config(shaLength))
  await rename(fresh, dir)
}
