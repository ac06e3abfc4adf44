import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises"
import { dirname, isAbsolute, join } from "node:path"
import { runGit } from "./git.ts"
import type { Mirror } from "./mirror.ts"
import { asSha } from "./refs.ts"
import { removeFolder } from "./remove-folder.ts"

/** A linked worktree of a mirror. `admin` is its folder in the mirror, `index` the index of its checkout. */
export type Worktree = { id: string; path: string; admin: string; index: string; commit: string }

/**
 * Makes a linked worktree at `path` (which must not be there) with HEAD detached at `commit`. With `checkout` false it
 * is registered only, for a tree that is laid over it; `index` is then copied. Every file is written as the bytes it
 * has in the repository. Safe for any number at once: `git worktree add` is not (it writes its folder in the mirror in
 * steps that others trip over), so ours is made aside and appears by one rename; the checkout is git's own.
 */
export const addWorktree = async (
  mirror: Mirror,
  wanted: { path: string; commit: string; checkout: boolean; index?: string },
  signal: AbortSignal,
): Promise<Worktree> => {
  const { path } = wanted
  if (!isAbsolute(path) || /[\0\r\n]/.test(path)) throw new Error("a worktree needs an absolute path")
  const commit = asSha(wanted.commit)
  if ((await mirror.objects.info(commit, signal))?.type !== "commit")
    throw new Error(`there is no commit ${commit}`)
  const id = crypto.randomUUID()
  const admin = join(mirror.dir, "worktrees", id)
  const worktree = { id, path, admin, index: join(admin, "index"), commit }
  try {
    await mkdir(dirname(path), { recursive: true })
    await mkdir(path, { mode: 0o755 })
    await register(mirror, worktree, wanted.index)
    await writeFile(join(path, ".git"), `gitdir: ${admin}\n`, { flag: "wx" })
    if (wanted.checkout) await checkOut(worktree, signal)
    return worktree
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") throw error
    await (await releaseWorktree(mirror, worktree)).removed
    throw error
  }
}

const register = async (mirror: Mirror, worktree: Worktree, index: string | undefined): Promise<void> => {
  const fresh = join(mirror.dir, "twolane", `fresh-${worktree.id}`)
  // git takes the folder of all worktrees away with the last one of its own (`worktree remove`, `prune`, `gc`).
  await Promise.all([fresh, dirname(worktree.admin)].map(folder => mkdir(folder, { recursive: true })))
  await Promise.all([
    writeFile(join(fresh, "HEAD"), `${worktree.commit}\n`),
    writeFile(join(fresh, "commondir"), "../..\n"),
    writeFile(join(fresh, "gitdir"), `${join(worktree.path, ".git")}\n`),
    ...(index === undefined ? [] : [readFile(index).then(bytes => writeFile(join(fresh, "index"), bytes))]),
  ])
  await rename(fresh, worktree.admin)
}

const checkOut = ({ admin, path, commit }: Worktree, signal: AbortSignal) =>
  readTree({ admin, path }, ["--reset", "-u", commit], signal)

const readTree = ({ admin, path }: Pick<Worktree, "admin" | "path">, args: string[], signal: AbortSignal) =>
  runGit({ command: "read-tree", gitDir: admin, workTree: path, args, timeoutMs: 900_000 }, signal)

/**
 * Takes a worktree on to another commit: only files that differ are written or taken away. For one that is as it was checked out, in
 * which nothing has run; git refuses where a file that would change has changed.
 */
export const moveWorktree = async (
  worktree: Worktree,
  to: string,
  signal: AbortSignal,
): Promise<Worktree> => {
  const commit = asSha(to)
  if (commit === worktree.commit) return worktree
  await readTree(worktree, ["-m", "-u", commit], signal)
  await writeFile(join(worktree.admin, "HEAD"), `${commit}\n`)
  return { ...worktree, commit }
}

/**
 * Takes a worktree away: renamed at once (a few milliseconds), removed behind. `removed` settles when nothing of it is
 * left and never rejects; what a crash leaves is found by `sweepFolder` and `releaseLeftovers`.
 */
export const releaseWorktree = async (
  mirror: Pick<Mirror, "dir">,
  worktree: Pick<Worktree, "id" | "path" | "admin">,
): Promise<{ removed: Promise<void> }> => {
  const gone = [
    [worktree.path, `${worktree.path}${goneMark}${worktree.id}`],
    [worktree.admin, join(mirror.dir, "twolane", `admin${goneMark}${worktree.id}`)],
  ] as const
  await Promise.all(gone.map(([from, to]) => moveAway(from, to)))
  return { removed: Promise.all(gone.map(([, to]) => removeFolder(to))).then(() => undefined) }
}

const goneMark = ".gone-"

/** What is not there was moved before, or never made. */
const moveAway = async (from: string, to: string): Promise<void> => {
  try {
    await rename(from, to)
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ENOENT")) throw error
  }
}

/** The worktrees that are registered in a mirror. */
export const listWorktrees = async (mirror: Pick<Mirror, "dir">): Promise<Worktree[]> => {
  const ids = await readdir(join(mirror.dir, "worktrees")).catch(() => [])
  const found = await Promise.all(
    ids.map(async id => {
      const admin = join(mirror.dir, "worktrees", id)
      const [gitFile, head] = await Promise.all(
        ["gitdir", "HEAD"].map(name => readFile(join(admin, name), "utf8").catch(() => "")),
      )
      return {
        id,
        path: dirname((gitFile ?? "").trim()),
        admin,
        index: join(admin, "index"),
        commit: (head ?? "").trim(),
      }
    }),
  )
  return found
}

/**
 * Takes away the worktrees of workers that are no more: whatever `isLive` does not claim. Nothing is repaired in place.
 * Answers how many there were, when they are gone.
 */
export const releaseLeftovers = async (
  mirror: Pick<Mirror, "dir">,
  isLive: (worktree: Worktree) => boolean | Promise<boolean>,
): Promise<number> => {
  let count = 0
  for (const worktree of await listWorktrees(mirror)) {
    if (await isLive(worktree)) continue
    count += 1
    await (await releaseWorktree(mirror, worktree)).removed
  }
  await sweepFolder(join(mirror.dir, "twolane"))
  await sweepOld(join(mirror.dir, "twolane"), "fresh-")
  await sweepOld(join(mirror.dir, "twolane", "scratch"), "in-")
  await sweepOld(join(mirror.dir, "objects", "pack"), "tmp_")
  return count
}

/** Removes what a killed worker was about to remove from a folder that held worktrees. */
export const sweepFolder = async (folder: string): Promise<void> => {
  for (const name of await readdir(folder).catch(() => []))
    if (name.includes(goneMark)) await removeFolder(join(folder, name))
}

const oldAfterMs = 3_600_000

/** Removes half-made things of writers that were killed: nobody is that slow. */
const sweepOld = async (folder: string, prefix: string): Promise<void> => {
  for (const name of await readdir(folder).catch(() => [])) {
    const found = name.startsWith(prefix) ? await stat(join(folder, name)).catch(() => null) : null
    if (found !== null && Date.now() - found.mtimeMs > oldAfterMs)
      await rm(join(folder, name), { recursive: true, force: true })
  }
}

/** Takes away what is registered in a mirror for trees that are gone: their worker was killed. */
export const releaseTreeless = (mirror: Pick<Mirror, "dir">): Promise<number> =>
  releaseLeftovers(mirror, ({ path }) =>
    stat(path).then(
      () => true,
      () => false,
    ),
  )
