/** The user's own checkout, with the user's own git: what `run --with-changes` sends, and where `accept --here` writes. */
import { execFile } from "node:child_process"
import { writeFileSync } from "node:fs"
import { partEnvironment } from "@twolane/common"
import { maxChangesChars } from "@twolane/protocol"
import { CommandError, UsageError } from "../exit.ts"
import { makeScratch } from "./scratch.ts"

const maxOutputBytes = 64_000_000

type GitOptions = { cwd?: string; stdin?: string; env?: Record<string, string> }

const git = async (args: readonly string[], options: GitOptions = {}): Promise<string> =>
  (await gitBytes(args, options)).toString("utf8")

const gitBytes = (args: readonly string[], { cwd, stdin = "", env = {} }: GitOptions = {}): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    const options = {
      env: partEnvironment(env),
      maxBuffer: maxOutputBytes,
      encoding: "buffer" as const,
      ...(cwd === undefined ? {} : { cwd }),
    }
    const child = execFile("git", args, options, (error, stdout, stderr) => {
      if (error === null) return resolve(stdout)
      reject(
        new CommandError(`git ${args[0]} failed: ${stderr.toString("utf8").trim() || error.message}`, 1, {
          cause: error,
        }),
      )
    })
    child.stdin?.on("error", () => {}) // git ended before it read everything: its exit code says why
    child.stdin?.end(stdin)
  })

/** The top folder of the checkout that a folder is in (ours by default), or null. */
export const topFolder = async (cwd = "."): Promise<string | null> => {
  try {
    return (await git(["rev-parse", "--show-toplevel"], { cwd })).trim()
  } catch {
    return null // not in a checkout
  }
}

/** The URL of the remote `origin`, or null. */
export const originUrl = async (): Promise<string | null> => {
  try {
    return (await git(["remote", "get-url", "origin"])).trim()
  } catch {
    return null // no checkout, or none that was cloned
  }
}

/** One form of patch, whatever the user's own settings say. */
const plainDiff = [
  "diff",
  "--cached",
  "--binary",
  "--full-index",
  "--no-renames",
  "--no-ext-diff",
  "--no-textconv",
  "--no-color",
  "--submodule=short",
  "--src-prefix=a/",
  "--dst-prefix=b/",
  "HEAD",
]

/**
 * All uncommitted work of the checkout, new files with it, as a git patch against its commit. The checkout's own index stays as it
 * is.
 * @throws UsageError when there is no checkout, no work, or too much of it.
 */
export const uncommitted = async (cwd = "."): Promise<{ base: string; changes: string }> => {
  const top = await topFolder(cwd)
  if (top === null) throw new UsageError("--with-changes: this folder is no git checkout")
  const base = (await git(["rev-parse", "HEAD"], { cwd: top })).trim()
  using scratch = makeScratch()
  const env = { GIT_INDEX_FILE: scratch.path("index") }
  await git(["read-tree", "HEAD"], { cwd: top, env })
  await git(["add", "--all", "."], { cwd: top, env })
  const asBinary = scratch.path("attributes")
  writeFileSync(asBinary, "* -diff\n")
  const changes =
    utf8(await gitBytes(plainDiff, { cwd: top, env })) ??
    // Text of another encoding would not survive JSON; as binary patches it does.
    utf8(await gitBytes(["-c", `core.attributesFile=${asBinary}`, ...plainDiff], { cwd: top, env }))
  if (changes === null)
    throw new UsageError("--with-changes: some file is not UTF-8, and .gitattributes says that it is text")
  if (changes === "") throw new UsageError("--with-changes: there is no uncommitted work here")
  if (changes.length > maxChangesChars)
    throw new UsageError(`--with-changes: the uncommitted work is larger than ${maxChangesChars} characters`)
  return { base, changes }
}

/** Null for bytes that are not UTF-8. */
const utf8 = (bytes: Buffer): string | null => {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return null // a TypeError is the decoder's only way to say so
  }
}

/**
 * Applies a patch to the checkout that we are in, wholly or not at all.
 * @throws CommandError when the checkout has uncommitted work, or the patch does not fit.
 */
export const applyHere = async (patch: string, cwd = "."): Promise<string> => {
  const top = await topFolder(cwd)
  if (top === null) throw new UsageError("--here: this folder is no git checkout")
  const dirty = await git(["status", "--porcelain", "--untracked-files=no"], { cwd: top })
  if (dirty !== "")
    throw new CommandError("--here: the checkout has uncommitted work; commit or stash it first")
  await git(["apply", "--index", "--whitespace=nowarn", "-"], { cwd: top, stdin: patch })
  return top
}
