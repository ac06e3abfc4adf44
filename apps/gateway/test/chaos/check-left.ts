import { globSync } from "node:fs"
import { processesWith } from "@twolane/testkit"

/** What must be gone when every process has ended in good order: processes, worktrees, workspaces, locks of git. */
export const checkLeft = (folder: string, dataDirs: readonly string[]): string[] => [
  ...processesWith(words => words.some(word => word.includes(folder))).map(
    ({ pid, words }) => `left running: ${pid} ${words.join(" ").slice(0, 160)}`,
  ),
  ...dataDirs.flatMap(dataDir => [
    ...globSync("mirrors/*/*.git/worktrees/*", { cwd: dataDir }).map(path => `left registered: ${path}`),
    ...globSync("mirrors/**/*.lock", { cwd: dataDir })
      // The lock of a mirror itself is a file that is locked, not one that is there.
      .filter(path => !/^mirrors\/[^/]+\/[^/]+\.git\.lock$/.test(path))
      .map(path => `left locked: ${path}`),
    ...globSync("workspaces/*/*/**", { cwd: dataDir })
      .slice(0, 20)
      .map(path => `left behind: ${path}`),
  ]),
]
