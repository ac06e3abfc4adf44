import { readdir, stat } from "node:fs/promises"
import { join } from "node:path"
import { runGit } from "./git.ts"
import type { Mirror } from "./mirror.ts"

const maxTags = 1_000

/** The newest tags of the source, by name. */
export const listTags = async (mirror: Mirror, signal: AbortSignal): Promise<Record<string, string>> => {
  const format = "--format=%(objectname) %(refname:strip=2)"
  const args = [format, `--count=${maxTags}`, "--sort=-creatordate", "refs/tags"]
  // simple-git waits 50 ms for a program that says nothing, such as this one where there are no tags.
  const text = await runGit({ gitDir: mirror.dir, command: "for-each-ref", args }, signal)
  const lines = text
    .toString("utf8")
    .split("\n")
    .filter(line => line !== "")
  return Object.fromEntries(lines.map(line => [line.slice(line.indexOf(" ") + 1), line.split(" ")[0] ?? ""]))
}

/**
 * What changes when the tags of a mirror do: the times of the folders of its loose ones, and of the packed ones. Read in less than a
 * millisecond, where listing them costs a process.
 */
export const tagsMark = async ({ dir }: Pick<Mirror, "dir">): Promise<string> => {
  const marks = [await markOf(join(dir, "packed-refs"))]
  const folders = [join(dir, "refs", "tags")]
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    marks.push(await markOf(folder))
    for (const entry of await readdir(folder, { withFileTypes: true }).catch(() => []))
      if (entry.isDirectory()) folders.push(join(folder, entry.name))
  }
  return marks.join()
}

const markOf = async (path: string): Promise<string> => {
  const found = await stat(path, { bigint: true }).catch(() => null)
  return found === null ? "" : `${found.ino}:${found.mtimeNs}:${found.size}`
}
