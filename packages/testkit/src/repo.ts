import { execFile } from "node:child_process"
import { chmod, mkdir, rm, writeFile } from "node:fs/promises"
import { dirname, join } from "node:path"
import { promisify } from "node:util"
import { makeTempFolder } from "./temp.ts"

/** Paths and contents; null deletes the file. A content that begins with `#!` becomes executable. */
export type RepoFiles = Record<string, string | Uint8Array | null>

/** A git repository with a working tree in a temporary folder. */
export type TempRepo = AsyncDisposable & {
  /** The working tree's absolute path. */
  readonly path: string
  /** The branch that was made first. */
  readonly defaultBranch: string
  /** Writes files and commits all of the tree; answers the commit's SHA. An empty record makes an empty commit. */
  commit(files: RepoFiles, message?: string): Promise<string>
  /** Writes files without committing them. */
  write(files: RepoFiles): Promise<void>
  /** Makes a branch at a revision (default: where we are) and checks it out. */
  branch(name: string, at?: string): Promise<void>
  /** The SHA of a revision, by default of HEAD. */
  sha(revision?: string): Promise<string>
  /** Runs git in the repository; answers its output without the last newline. */
  git(...args: string[]): Promise<string>
  /** A bare clone beside it, such as a remote that may be pushed to; answers its path. */
  cloneBare(name?: string): Promise<string>
}

/** Makes a git repository with one commit of the given files. */
export const makeRepo = async (options: { files: RepoFiles; branch?: string }): Promise<TempRepo> => {
  const folder = await makeTempFolder("twl-repo-")
  const path = join(folder.path, "work")
  const defaultBranch = options.branch ?? "main"
  const git = (...args: string[]) => runGit(path, args)
  const write = (files: RepoFiles) => writeFiles(path, files)
  const commit = async (files: RepoFiles, message = "change") => {
    await write(files)
    await git("add", "--all")
    await git("commit", "--quiet", "--allow-empty", "--message", message)
    return git("rev-parse", "HEAD")
  }
  await mkdir(path)
  await git("init", "--quiet", "--initial-branch", defaultBranch)
  await commit(options.files, "initial")
  return {
    path,
    defaultBranch,
    commit,
    write,
    git,
    branch: async (name, at = "HEAD") => void (await git("switch", "--quiet", "--create", name, at)),
    sha: (revision = "HEAD") => git("rev-parse", "--verify", "--end-of-options", `${revision}^{commit}`),
    cloneBare: async (name = "bare.git") => {
      const bare = join(folder.path, name)
      await git("clone", "--quiet", "--bare", path, bare)
      return bare
    },
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  }
}

/** Writes files under a folder, makes the folders they need, and deletes those that are null. */
export const writeFiles = async (folder: string, files: RepoFiles): Promise<void> => {
  for (const [name, content] of Object.entries(files)) {
    const path = join(folder, name)
    if (content === null) {
      await rm(path, { recursive: true, force: true })
      continue
    }
    await mkdir(dirname(path), { recursive: true })
    await writeFile(path, content)
    if (typeof content === "string" && content.startsWith("#!")) await chmod(path, 0o755)
  }
}

/** Runs git with nothing of the machine's own settings; answers its output without the last newline. */
export const runGit = async (cwd: string, args: readonly string[]): Promise<string> => {
  const run = promisify(execFile)
  const { stdout } = await run("git", [...args], { cwd, env: gitEnvironment(), maxBuffer: 64 * 1024 * 1024 })
  return stdout.replace(/\n$/, "")
}

const gitEnvironment = (): Record<string, string> => ({
  PATH: process.env.PATH ?? "/usr/bin:/bin",
  LC_ALL: "C",
  GIT_CONFIG_NOSYSTEM: "1",
  GIT_CONFIG_GLOBAL: "/dev/null",
  GIT_TERMINAL_PROMPT: "0",
  GIT_AUTHOR_NAME: "Testkit",
  GIT_AUTHOR_EMAIL: "testkit@example.com",
  GIT_COMMITTER_NAME: "Testkit",
  GIT_COMMITTER_EMAIL: "testkit@example.com",
})
