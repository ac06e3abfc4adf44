import { execFileSync } from "node:child_process"
import { cpSync, mkdirSync, rmSync } from "node:fs"
import { join } from "node:path"
import { makeTempFolder } from "@twolane/testkit"
import { expect, test } from "vitest"
import { caller } from "../twolane.ts"
import { startUp } from "./start-up.ts"

/** Two starts, two tasks, and a dozen calls, each a process of its own, on a machine that may be busy. */
const patienceMs = 240_000

/** What docs/operations.md says must be kept, and the sample, a source like any other; everything else is made again. */
const kept = ["keys.json", "redis", "archive", "mirrors", "sample"]
const copy = (from: string, to: string) => {
  for (const name of kept) cpSync(join(from, name), join(to, name), { recursive: true })
}

test("what was backed up is all there after a restore: tasks, their work, keys and the audit log", {
  timeout: patienceMs,
}, async () => {
  await using folder = await makeTempFolder("twl-backup-")
  await using backup = await makeTempFolder("twl-kept-")
  const dataDir = join(folder.path, "data")
  mkdirSync(dataDir)
  const fix = ["run", "-r", "sample", "--wait", "Fix the failing test"]
  const withHouse = async <Result>(
    act: (twolane: (...args: string[]) => Promise<string>) => Promise<Result>,
  ): Promise<Result> => {
    await using up = await startUp(dataDir, { LOG_LEVEL: "warn" })
    await up.line("Try it: ")
    const call = caller({ TWOLANE_URL: up.url, TWOLANE_DATA_DIR: dataDir })
    return await act(async (...args) => {
      const { code, out, notes } = await call(args)
      if (code !== 0) throw new Error(`twolane ${args.join(" ")} ended with ${code}: ${notes}`)
      return out
    })
  }

  const { task, log } = await withHouse(async twolane => {
    await twolane("keys", "add", "Ada", "--role", "viewer")
    const id = /task_[0-9a-z]{26}/.exec(await twolane(...fix))?.[0] ?? ""
    return { task: id, log: await twolane("watch", id, "--json") }
  })
  copy(dataDir, backup.path)
  rmSync(dataDir, { recursive: true })
  mkdirSync(dataDir)
  copy(backup.path, dataDir)

  await withHouse(async twolane => {
    expect(await twolane("watch", task, "--json")).toBe(log)
    expect(await twolane("diff", task)).toContain("+++ b/src/")
    expect(await twolane("keys")).toContain("Ada")
    await twolane("audit", "--verify")
    await twolane("accept", task)
    const branches = execFileSync("git", [
      "-C",
      join(dataDir, "sample"),
      "branch",
      "--list",
      `twolane/${task}`,
    ])
    expect(String(branches)).toContain(task)
    expect(await twolane(...fix)).toContain("succeeded")
  })
})
