import { statfs } from "node:fs/promises"

/** Free space for the service's own user, in bytes and files (`files` is null where the file system does not count them). */
export type DiskSpace = { freeBytes: number; freeFiles: number | null }

/** Below this, new turns wait: a mirror's fetch, a checkout and a setup need room. */
export const defaultDiskFloor = { bytes: 1024 ** 3, files: 20_000 }

/** How much room a data folder has. */
export const diskSpace = async (folder: string): Promise<DiskSpace> => {
  const { bavail, bsize, ffree, files } = await statfs(folder)
  return { freeBytes: bavail * bsize, freeFiles: files === 0 ? null : ffree }
}

/** Why a data folder takes no new work, in words for people; null while it does. */
export const diskProblem = (space: DiskSpace, floor: { bytes: number; files: number }): string | null => {
  const mib = (bytes: number): string => `${Math.floor(bytes / 1024 ** 2)} MiB`
  if (space.freeBytes < floor.bytes)
    return `the disk is nearly full: ${mib(space.freeBytes)} free, ${mib(floor.bytes)} wanted`
  if (space.freeFiles !== null && space.freeFiles < floor.files)
    return `the disk is nearly out of files: ${space.freeFiles} free, ${floor.files} wanted`
  return null
}
