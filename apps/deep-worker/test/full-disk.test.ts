import { execFileSync } from "node:child_process"
import { rm, writeFile } from "node:fs/promises"
import { join } from "node:path"
import type { WorkerView } from "@twolane/protocol"
import {
  call,
  callsOf,
  follow,
  getTask,
  type House,
  makeLibrary,
  makeTempFolder,
  playing,
  register,
  say,
  startHouse,
  startModel,
  submit,
  sumPatch,
  untilTask,
} from "@twolane/testkit"
import { expect, test } from "vitest"

/** A file system of its own, a little larger than the floor below which a worker takes nothing. */
const mountDisk = async (): Promise<AsyncDisposable & { path: string }> => {
  const folder = await makeTempFolder("twl-disk-")
  execFileSync("mount", ["-t", "tmpfs", "-o", "size=1100m,mode=700", "twolane-test", folder.path])
  return {
    path: folder.path,
    [Symbol.asyncDispose]: async () => {
      execFileSync("umount", ["--lazy", folder.path])
      await folder[Symbol.asyncDispose]()
    },
  }
}

/** Whether a file system can be mounted here: as root, where the machine or container lets it. */
const canMount = await mountDisk().then(
  disk => disk[Symbol.asyncDispose]().then(() => true),
  () => false,
)

const holdingOf = async (house: House): Promise<string[]> => {
  const { body } = await house.call("GET", "/v1/workers")
  return (body as { items: WorkerView[] }).items.map(({ holding }) => holding ?? "takes turns")
}

test.runIf(canMount)(
  "while a worker's disk is nearly full new tasks wait and say so, and go on when there is room again (needs the right to mount)",
  async () => {
    await using library = await makeLibrary()
    await using model = await startModel({
      script: playing({
        mend: seen =>
          callsOf(seen, "apply_patch") === 0
            ? call(["apply_patch", sumPatch("a - b", "a + b")])
            : say("Done."),
      }),
    })
    await using disk = await mountDisk()
    await using house = await startHouse({ modelUrl: model.url, env: { TWOLANE_DATA_DIR: disk.path } })
    await register(house, "sums", library)
    const ballast = join(disk.path, "ballast")
    await writeFile(ballast, Buffer.alloc(100 * 1024 ** 2, 1))
    await expect
      .poll(() => holdingOf(house))
      .toEqual([expect.stringMatching(/^the disk is nearly full: \d+ MiB free, 1024 MiB wanted$/)])
    const task = await submit(house, { repo: "sums", prompt: "[mend] it" })
    const waiting = await untilTask(house, task.id, ({ queue }) => queue?.reason.includes("disk") ?? false)
    expect(waiting).toMatchObject({
      status: "queued",
      queue: {
        position: 1,
        reason: expect.stringMatching(
          /^workers hold: the disk is nearly full: \d+ MiB free, 1024 MiB wanted$/,
        ),
      },
    })
    await rm(ballast)
    await follow(house, task.id)
    expect(await getTask(house, task.id)).toMatchObject({
      status: "succeeded",
      tests: { status: "passed" },
      turns: [{ attempts: 1 }],
    })
  },
)
