import { spawn } from "node:child_process"
import { once } from "node:events"
import { join } from "node:path"
import { makeTempFolder, runGit, type TempFolder } from "@twolane/testkit"

/** A bare repository with one commit. */
export type GeneratedRepo = AsyncDisposable & { readonly path: string; readonly commit: string }

const filesPerFolder = 50
const foldersPerPackage = 20

/**
 * Makes a bare repository whose one commit on `main` has so many files, in folders two deep as source trees have them,
 * of about 2 kB of text each (no two alike), and those of `more`, by path.
 */
export const generateRepo = async (
  files: number,
  more: Readonly<Record<string, string>> = {},
): Promise<GeneratedRepo> => {
  const folder: TempFolder = await makeTempFolder("twl-gen-")
  const path = join(folder.path, "source.git")
  await runGit(folder.path, ["init", "--quiet", "--bare", "--initial-branch", "main", path])
  const git = spawn("git", ["fast-import", "--quiet", "--date-format=now"], {
    cwd: path,
    stdio: ["pipe", "ignore", "inherit"],
  })
  const ended = once(git, "close")
  git.stdin.write("commit refs/heads/main\ncommitter Bench <bench@example.com> now\ndata 4\nbase\n")
  for (let index = 0; index < files; index += 1) {
    const text = textOf(index)
    const entry = `M 100644 inline ${pathOf(index)}\ndata ${text.length}\n${text}\n`
    if (!git.stdin.write(entry)) await once(git.stdin, "drain")
  }
  for (const [path, text] of Object.entries(more))
    git.stdin.write(`M 100644 inline ${path}\ndata ${Buffer.byteLength(text)}\n${text}\n`)
  git.stdin.end("\ndone\n")
  const [code] = await ended
  if (code !== 0) throw new Error(`git fast-import ended with ${code}`)
  return {
    path,
    commit: await runGit(path, ["rev-parse", "main"]),
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  }
}

const pathOf = (index: number): string => {
  const folder = Math.floor(index / filesPerFolder)
  const home = Math.floor(folder / foldersPerPackage)
  return `packages/p${home}/src/f${folder % foldersPerPackage}/module-${index}.ts`
}

const textOf = (index: number): string =>
  Array.from(
    { length: 20 + (index % 21) },
    (_, line) =>
      `export const value${index}x${line} = compute(${(index * 7919 + line * 104729) % 1_000_003})\n`,
  ).join("")
