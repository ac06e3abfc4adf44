import { execFileSync } from "node:child_process"
import { cpSync, existsSync, globSync } from "node:fs"
import { join } from "node:path"
import { makeTempFolder } from "@twolane/testkit"

/** The code as it was at a commit, ready to run. Disposing it removes it. */
export type OlderTree = AsyncDisposable & { path: string }

/** Lays out a commit of this repository beside it, with the packages that are installed here: their links lead into the older tree. */
export const layOlderTree = async (root: string, commit: string): Promise<OlderTree> => {
  const folder = await makeTempFolder("twl-older-")
  const path = join(folder.path, "tree")
  const git = (...args: string[]) => void execFileSync("git", ["-C", root, ...args], { stdio: "ignore" })
  git("worktree", "add", "--detach", path, commit)
  for (const modules of ["node_modules", ...globSync("{apps,packages}/*/node_modules", { cwd: root })])
    if (existsSync(join(path, modules, "..")))
      cpSync(join(root, modules), join(path, modules), { recursive: true, verbatimSymlinks: true })
  return {
    path,
    [Symbol.asyncDispose]: async () => {
      git("worktree", "remove", "--force", path)
      await folder[Symbol.asyncDispose]()
    },
  }
}
