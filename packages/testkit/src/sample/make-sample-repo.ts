import { existsSync } from "node:fs"
import { mkdir } from "node:fs/promises"
import { join } from "node:path"
import { runGit, writeFiles } from "../repo.ts"
import { sampleFiles } from "./files.ts"

/** Makes the sample repository in a folder, unless it is there already; answers its path. */
export const makeSampleRepo = async (folder: string): Promise<string> => {
  if (existsSync(join(folder, ".git", "refs", "heads", "main"))) return folder
  await mkdir(folder, { recursive: true })
  await writeFiles(folder, sampleFiles)
  await runGit(folder, ["init", "--quiet", "--initial-branch", "main"])
  await runGit(folder, ["add", "--all"])
  await runGit(folder, ["commit", "--quiet", "--message", "A library for durations, with a failing test"])
  return folder
}
