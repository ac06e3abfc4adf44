import { defaultDiskFloor, diskProblem, diskSpace } from "@twolane/workspace"

/** How often the disk is looked at. */
const diskEveryMs = 5_000

/** Looks at the disk before it is full: a new turn then waits with the reason. */
export const watchDisk = async (dataDir: string): Promise<Disposable & { problem: () => string | null }> => {
  let problem = diskProblem(await diskSpace(dataDir), defaultDiskFloor)
  const timer = setInterval(() => {
    diskSpace(dataDir).then(
      space => {
        problem = diskProblem(space, defaultDiskFloor)
      },
      (error: unknown) => {
        problem = `the data folder cannot be read: ${String(error)}`
      },
    )
  }, diskEveryMs)
  timer.unref()
  return { problem: () => problem, [Symbol.dispose]: () => clearInterval(timer) }
}
