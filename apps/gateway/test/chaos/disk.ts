import { execFile, execFileSync } from "node:child_process"
import { statfs } from "node:fs/promises"
import { promisify } from "node:util"

const run = promisify(execFile)

/** A file system of its own for one machine's data: it can be full to the last byte, have no file left to give, or take no write at all. */
export type SmallDisk = AsyncDisposable & {
  path: string
  fill: () => Promise<void>
  useUpFiles: () => Promise<void>
  makeReadOnly: () => Promise<void>
  /** As it was. */
  mend: () => Promise<void>
}

/** More than the floor below which a worker takes nothing, by as much as a long run leaves there. */
const usual = { size: "2g", nr_inodes: "200k" } as const
const mostTries = 10

/** Mounts it on a folder; null where that is not allowed. */
export const mountSmallDisk = async (path: string): Promise<SmallDisk | null> => {
  const options = `size=${usual.size},nr_inodes=${usual.nr_inodes},mode=700`
  if (!done("mount", ["-t", "tmpfs", "-o", options, "twolane-chaos", path])) return null
  const unmount = unmountAtExit(path)
  let readOnly = false
  const remount = (limit: string) => run("mount", ["-o", `remount,${limit}`, path])
  /** What is used now is all there is: at once, whatever the size. */
  const shrink = async (limit: (used: Awaited<ReturnType<typeof usedOf>>) => string) => {
    for (let tries = 1; ; tries++)
      try {
        return void (await remount(limit(await usedOf(path))))
      } catch (error) {
        // Somebody wrote meanwhile.
        if (tries === mostTries) throw error
      }
  }
  return {
    path,
    fill: () => shrink(({ bytes }) => `size=${bytes}`),
    useUpFiles: () => shrink(({ files }) => `nr_inodes=${files}`),
    makeReadOnly: async () => {
      // Laid over itself: what has files open for writing cannot be made read-only in place.
      await run("mount", ["--bind", path, path])
      readOnly = true
      await run("mount", ["-o", "remount,bind,ro", path])
    },
    mend: async () => {
      // It stays, and takes writes again: whoever stands in a folder of it must not find that gone.
      if (readOnly) await run("mount", ["-o", "remount,bind,rw", path])
      readOnly = false
      await remount(`size=${usual.size},nr_inodes=${usual.nr_inodes}`)
    },
    [Symbol.asyncDispose]: async () => unmount(),
  }
}

const usedOf = async (path: string) => {
  const { blocks, bfree, bsize, files, ffree } = await statfs(path)
  return { bytes: (blocks - bfree) * bsize, files: files - ffree }
}

/** A file system of its own that can stop taking writes for a moment, again and again. */
export type SlowDisk = AsyncDisposable & {
  path: string
  /** Each write waits for some tenths of a second. */
  slow: (forMs: number) => Promise<void>
}

/** Far shorter than a lease: whoever waits for a disk cannot be killed. */
const stall = { frozen: 0.4, free: 0.1 } as const

/**
 * Holds the file system frozen most of the time. It is named by a descriptor, so that it is let go of even when its folder is gone, and by a
 * process of its own, so that it is let go of even when the run is killed.
 */
const stalling = `exec 3<"$1"
for _ in $(seq "$2"); do
  fsfreeze -f /proc/self/fd/3 && sleep ${stall.frozen}
  fsfreeze -u /proc/self/fd/3; sleep ${stall.free}
done`

/** Mounts it on a folder, from an image beside it; null where that is not allowed, or there is no loop device. */
export const mountSlowDisk = async (path: string): Promise<SlowDisk | null> => {
  const image = `${path}.img`
  const made = done("truncate", ["--size=4G", image]) && done("mkfs.ext4", ["-q", "-F", "-m", "0", image])
  if (!made || !done("mount", ["-o", "loop", image, path])) return null
  const unmount = unmountAtExit(path)
  return {
    path,
    slow: async forMs => {
      const times = Math.ceil(forMs / 1_000 / (stall.frozen + stall.free))
      await run("sh", ["-c", stalling, "sh", path, String(times)])
    },
    [Symbol.asyncDispose]: async () => unmount(),
  }
}

const done = (program: string, args: readonly string[]): boolean => {
  try {
    execFileSync(program, args, { stdio: "ignore" })
    return true
  } catch {
    return false
  }
}

/** Answers what unmounts it, with all that was laid over it; that happens in any case when this process ends. */
const unmountAtExit = (path: string): (() => void) => {
  const unmount = () => {
    while (done("umount", ["--lazy", path]));
  }
  process.on("exit", unmount)
  return () => {
    process.removeListener("exit", unmount)
    unmount()
  }
}
