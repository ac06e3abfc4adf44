import { execFileSync } from "node:child_process"
import { join } from "node:path"
import { makeTempFolder } from "@twolane/testkit"
import { expect, test } from "vitest"
import { openPipes } from "../../src/keeper/pipes.ts"

/** A file system that takes so few files that a keeper's pipes do not fit. */
const mountSmall = async (): Promise<AsyncDisposable & { path: string }> => {
  const folder = await makeTempFolder("twl-pipes-")
  execFileSync("mount", ["-t", "tmpfs", "-o", "size=1m,nr_inodes=5", "twolane-test", folder.path])
  return {
    path: folder.path,
    [Symbol.asyncDispose]: async () => {
      execFileSync("umount", ["--lazy", folder.path])
      await folder[Symbol.asyncDispose]()
    },
  }
}

const canMount = await mountSmall().then(
  disk => disk[Symbol.asyncDispose]().then(() => true),
  () => false,
)

test.runIf(canMount)(
  "pipes that a full disk does not take are a failure of the machine, in its own words (needs the right to mount)",
  async () => {
    await using disk = await mountSmall()
    await expect(openPipes(join(disk.path, "pipes"))).rejects.toMatchObject({
      code: "ENOSPC",
      syscall: "mkfifo",
      message: expect.stringContaining("No space left on device"),
    })
  },
)
