import { runGit } from "@twolane/testkit"

/** The usual alternative: `git worktree add` as everybody runs it. */
export const plainAdd = (gitDir: string, path: string, commit: string): Promise<string> =>
  runGit(gitDir, ["worktree", "add", "--quiet", "--detach", path, commit])

/** And its end: `git worktree remove`, which deletes the tree while the caller waits. */
export const plainRemove = (gitDir: string, path: string): Promise<string> =>
  runGit(gitDir, ["worktree", "remove", "--force", path])
