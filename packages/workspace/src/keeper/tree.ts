import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  readlinkSync,
  type Stats,
} from "node:fs"

/**
 * The agent's tree, opened part by part: each folder through the descriptor of the one above and never through a link, so
 * that a link put there between a check and its use leads nowhere.
 */
export type Tree = {
  /** Runs `act` with the folder that holds the path, as a prefix for the path's last part; null when the way is not there. */
  inFolderOf<Value>(path: string, act: (place: Place) => Value): Value | null
  /** As `inFolderOf`, and makes the folders that are missing; their paths are added to `made`. */
  makingFolderOf<Value>(path: string, made: string[], act: (place: Place) => Value): Value
}

/** One name in an opened folder: `at` is a path that the kernel resolves through the descriptor. */
export type Place = { at: string; name: string; sibling: (name: string) => string }

/** A path whose way is a link or a file, in words for the model. */
export class WayBlocked extends Error {}

const { O_DIRECTORY, O_NOFOLLOW, O_NONBLOCK, O_RDONLY } = constants

/** Opens the tree at a folder of the host, which must not be reachable for the agent by another way. */
export const openTree = (root: string): Tree => {
  const walk = <Value>(path: string, made: string[] | null, act: (place: Place) => Value): Value | null => {
    const parts = path.split("/")
    const name = parts.pop() ?? ""
    let folder = openSync(root, O_RDONLY | O_DIRECTORY)
    let folderPath = root
    try {
      for (const [index, part] of parts.entries()) {
        const way = parts.slice(0, index + 1).join("/")
        const inside = `${within(folder, folderPath)}/${part}`
        const next = openFolder(inside, way) ?? (made === null ? null : makeFolder(inside, way, made))
        if (next === null) return null
        closeSync(folder)
        folder = next
        folderPath = `${folderPath}/${part}`
      }
      const prefix = within(folder, folderPath)
      return act({ at: `${prefix}/${name}`, name, sibling: other => `${prefix}/${other}` })
    } finally {
      closeSync(folder)
    }
  }
  return {
    inFolderOf: (path, act) => walk(path, null, act),
    makingFolderOf: (path, made, act) => walk(path, made, act) as ReturnType<typeof act>,
  }
}

/** Other systems have no such paths; they have no jails either, so no command of an agent can race us there. */
const within = (fd: number, path: string): string =>
  process.platform === "linux" ? `/proc/self/fd/${fd}` : path

const openFolder = (inside: string, way: string): number | null => {
  try {
    return openSync(inside, O_RDONLY | O_DIRECTORY | O_NOFOLLOW)
  } catch (error) {
    const code = codeOf(error)
    if (code === "ENOENT") return null
    if (code === "ELOOP" || code === "ENOTDIR")
      throw new WayBlocked(`${way} is not a folder: ${describe(inside)}`)
    throw error
  }
}

const makeFolder = (inside: string, way: string, made: string[]): number | null => {
  mkdirSync(inside)
  made.push(way)
  return openFolder(inside, way)
}

const describe = (inside: string): string => {
  const found = lookAt(inside)
  return found?.isSymbolicLink() ? "it is a symbolic link, which is not followed" : "it is a file"
}

/** What is at the place itself, no link followed; null for nothing. */
export const lookAt = (at: string): Stats | null => lstatSync(at, { throwIfNoEntry: false }) ?? null

/** Where a symbolic link leads; null when it is something else by now. */
export const linkTarget = (at: string): string | null => {
  try {
    return readlinkSync(at)
  } catch (error) {
    if (["EINVAL", "ENOENT"].includes(codeOf(error) ?? "")) return null
    throw error
  }
}

/** Opens a regular file for reading and answers its descriptor; null when it is something else by now. */
export const openRegular = (at: string): number | null => {
  let fd: number
  try {
    // Without waiting: opening a pipe must not hang.
    fd = openSync(at, O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
  } catch (error) {
    if (["ELOOP", "ENOENT", "ENXIO", "ENOTDIR"].includes(codeOf(error) ?? "")) return null
    throw error
  }
  if (fstatSync(fd).isFile()) return fd
  closeSync(fd)
  return null
}

/** The bytes of a regular file, or why there are none. */
export const readRegular = (at: string, maxBytes: number): Buffer | { reason: string } => {
  const found = lookAt(at)
  if (found === null) return { reason: "there is no such file" }
  if (found.isDirectory()) return { reason: "it is a folder" }
  if (found.isSymbolicLink()) return { reason: `it is a symbolic link to ${linkTarget(at) ?? "nowhere"}` }
  const fd = found.isFile() ? openRegular(at) : null
  if (fd === null) return { reason: "it is not a regular file" }
  try {
    if (fstatSync(fd).size > maxBytes) return { reason: `it is larger than ${maxBytes / 1024 ** 2} MiB` }
    return readFileSync(fd)
  } finally {
    closeSync(fd)
  }
}

/** The system's name of an error, such as `ENOENT`. */
export const codeOf = (error: unknown): string | undefined =>
  error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined
