import { execFileSync } from "node:child_process"
import { rm, statfs, writeFile } from "node:fs/promises"
import { join } from "node:path"

/** A file system of its own for one machine's data, which can be filled to the last byte. */
export type SmallDisk = AsyncDisposable & {
  path: string
  fill: () => Promise<void>
  empty: () => Promise<void>
}

/** A little more than the floor below which a worker takes nothing. */
const sizeMb = 1_300

/** Mounts it on a folder; null where that is not allowed. */
export const mountSmallDisk = async (path: string): Promise<SmallDisk | null> => {
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", `size=${sizeMb}m,mode=700`, "twolane-chaos", path], {
      stdio: "ignore",
    })
  } catch {
    return null
  }
  const unmount = () => void execFileSync("umount", ["--lazy", path])
  process.on("exit", unmount)
  const ballast = join(path, "ballast")
  return {
    path,
    fill: async () => {
      const { bavail, bsize } = await statfs(path)
      // The last write may find less room than there was: the disk is full then, as it should be.
      await writeFile(ballast, Buffer.alloc(bavail * bsize)).catch(() => undefined)
    },
    empty: () => rm(ballast, { force: true }),
    [Symbol.asyncDispose]: async () => {
      process.removeListener("exit", unmount)
      unmount()
    },
  }
}
