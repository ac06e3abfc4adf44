import { mkdtemp, readdir, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"

/** The longest path that a unix socket may have, in bytes (`sun_path` is 108 with its final zero). */
const maxSocketBytes = 107

/** A fresh folder (mode 0700) for this worker's socket, which only its own user can reach. Disposing it takes it away. */
export const makeSocketFolder = async (
  runtimeDir: string | null,
): Promise<AsyncDisposable & { socket: string }> => {
  const parents = [...(runtimeDir === null ? [] : [runtimeDir]), tmpdir(), "/tmp"]
  for (const parent of parents) {
    if (Buffer.byteLength(join(parent, `twl-fast-${process.pid}-XXXXXX`, "f.sock")) > maxSocketBytes) continue
    await sweepDead(parent)
    const folder = await mkdtemp(join(parent, `twl-fast-${process.pid}-`)).catch(() => null)
    if (folder === null) continue // it cannot be written to; the next one may
    return {
      socket: join(folder, "f.sock"),
      [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
    }
  }
  throw new Error(`no folder for the fast worker's socket can be made in ${parents.join(", ")}`)
}

/** A worker that was killed could not take its folder away. */
const sweepDead = async (parent: string): Promise<void> => {
  for (const name of await readdir(parent).catch(() => [])) {
    const pid = /^twl-fast-(\d+)-/.exec(name)?.[1]
    if (pid !== undefined && !isAlive(Number(pid)))
      await rm(join(parent, name), { recursive: true, force: true }).catch(() => undefined) // another user's
  }
}

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM"
  }
}
