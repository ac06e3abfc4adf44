import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"

/**
 * What of a fill is done: what a seeded task takes (null: none is there), archived tasks by way of the store, waiting ones, how long the
 * sweep took (null: there was none).
 */
export type Done = { bytes: number | null; archived: string[]; waiting: string[]; sweepMs: number | null }

/** Where a Redis and its archive lie while they are measured. */
export type DepthFolder = AsyncDisposable & {
  path: string
  read: () => Promise<Done>
  write: (done: Done) => Promise<void>
}

/**
 * A folder for so many tasks. Below `BENCH_DEPTH_FOLDER`, which is kept, it is another run's if there was one: where a machine is too busy
 * to fill and to measure in one call, the next one goes on.
 */
export const openFolder = async (depth: { waiting: number; finished: number }): Promise<DepthFolder> => {
  const kept = process.env.BENCH_DEPTH_FOLDER
  const path =
    kept === undefined
      ? await mkdtemp(join(tmpdir(), "twl-depth-"))
      : join(kept, `${depth.finished}-${depth.waiting}`)
  await mkdir(join(path, "redis"), { recursive: true })
  const file = join(path, "done.json")
  return {
    path,
    read: async () => {
      const text = await readFile(file, "utf8").catch(() => null)
      return text === null
        ? { bytes: null, archived: [], waiting: [], sweepMs: null }
        : (JSON.parse(text) as Done)
    },
    write: async done => {
      await writeFile(`${file}.new`, JSON.stringify(done))
      await rename(`${file}.new`, file)
    },
    [Symbol.asyncDispose]: async () => {
      if (kept === undefined) await rm(path, { recursive: true, force: true })
    },
  }
}
