import { mkdir, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { type ChangedPath, saveCheckpoint } from "../../src/git/checkpoint.ts"
import { type Mirrored, signal } from "./mirrored.ts"

/** The task of these checkpoints. */
export const task = "task_00000000000000000000000000"

/** Copies of contents, as the keeper makes them, and a checkpoint of them. */
export const saver = async (made: Mirrored) => {
  const folder = join(made.dataDir, "copies")
  await mkdir(folder, { recursive: true })
  let copies = 0
  const file = async (
    path: string,
    content: string | Uint8Array,
    executable = false,
  ): Promise<ChangedPath> => {
    copies += 1
    const copy = join(folder, String(copies))
    await writeFile(copy, content)
    return { path, kind: "file", executable, copy }
  }
  const absent = (path: string): ChangedPath => ({ path, kind: "absent" })
  let n = 0
  const save = (parent: string, changed: readonly ChangedPath[]) => {
    n += 1
    return saveCheckpoint(made.mirror, { task, attempt: 1, n, base: made.base, parent, changed }, signal)
  }
  return { file, absent, save }
}

/** What must be there. */
export const saved = <Value>(value: Value | null): Value => {
  if (value === null) throw new Error("nothing was saved")
  return value
}
