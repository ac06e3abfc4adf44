import { expect, test } from "vitest"
import { defaultDiskFloor, diskProblem, diskSpace } from "../../src/git/disk.ts"
import { gitText, tryGit } from "../../src/git/git.ts"
import { gitProblem, gitVersion, parseGitVersion, settingsFor } from "../../src/git/settings.ts"
import { parseRawNumstat } from "../../src/git/tree-change.ts"
import { makeMirrored, signal } from "./mirrored.ts"

test("versions are read, and judged for doctor", () => {
  expect(parseGitVersion("git version 2.39.5\n")).toEqual([2, 39, 5])
  expect(parseGitVersion("git version 2.39.5 (Apple Git-154)")).toEqual([2, 39, 5])
  expect(parseGitVersion("git version 2.55.GIT")).toEqual([2, 55, 0])
  expect(parseGitVersion("hg 1")).toBeNull()
  expect(gitProblem([2, 37, 9])).toMatchObject({ fatal: true })
  expect(gitProblem([2, 39, 5])).toMatchObject({ fatal: false })
  expect(gitProblem([2, 54, 1])).toMatchObject({ fatal: false })
  expect(gitProblem([2, 55, 0])).toBeNull()
  expect(gitProblem([3, 0, 0])).toBeNull()
})

test("hooks from configuration are switched off where git has the switch", () => {
  expect(settingsFor([2, 54, 0]).some(each => each.startsWith("hook."))).toBe(false)
  expect(settingsFor([2, 55, 0])).toContain("hook.pre-push.enabled=false")
  expect(settingsFor([2, 55, 0])).toContain("hook.post-checkout.enabled=false")
  expect(settingsFor([2, 39, 5])).toContain("core.hooksPath=/dev/null")
})

test("a git call ends at its limits: output, time, signal; what it says is told", async () => {
  await using made = await makeMirrored({ "a.txt": "a\n".repeat(1_000) })
  const gitDir = made.mirror.dir
  const capped = await tryGit(
    { gitDir, command: "cat-file", args: ["-p", "origin/main:a.txt"], maxBytes: 100 },
    signal,
  )
  expect(capped).toMatchObject({ capped: true })
  expect(capped.stdout.length).toBe(100)
  const slow = await tryGit(
    { gitDir, command: "cat-file", args: ["--batch"], timeoutMs: 1, input: "\n".repeat(100_000) },
    signal,
  )
  expect(slow.timedOut || slow.code === 0).toBe(true)
  const asked = gitText(
    { gitDir, command: "rev-parse", args: ["--verify", "--end-of-options", "nope"] },
    signal,
  )
  await expect(asked).rejects.toMatchObject({ name: "GitFailure", code: 128 })
  await expect(
    gitText({ gitDir, command: "rev-parse", args: ["--git-dir"] }, AbortSignal.abort({ by: "user" })),
  ).rejects.toEqual({ by: "user" })
  expect(await gitText({ gitDir, command: "rev-parse", args: ["--is-bare-repository"] }, signal)).toBe("true")
  expect((await gitVersion())[0]).toBeGreaterThanOrEqual(2)
})

test("a disk says how full it is, and why it takes nothing", async () => {
  const space = await diskSpace("/tmp")
  expect(space.freeBytes).toBeGreaterThan(0)
  expect(diskProblem({ freeBytes: 2 ** 40, freeFiles: null }, defaultDiskFloor)).toBeNull()
  expect(diskProblem({ freeBytes: 5 * 1024 ** 2, freeFiles: null }, defaultDiskFloor)).toBe(
    "the disk is nearly full: 5 MiB free, 1024 MiB wanted",
  )
  expect(diskProblem({ freeBytes: 2 ** 40, freeFiles: 3 }, defaultDiskFloor)).toContain("3 free")
})

test("raw records and counts are read side by side", () => {
  const sha = "a".repeat(40)
  const raw = `:100644 100644 ${sha} ${sha} R090\0old\nname\0new\0:000000 100644 ${sha} ${sha} A\0b\0`
  const { raw: entries, counts } = parseRawNumstat(Buffer.from(`${raw}1\t2\t\0old\nname\0new\0-\t-\tb\0`))
  expect(entries.map(({ status, path, from }) => [status, path, from])).toEqual([
    ["R", "new", "old\nname"],
    ["A", "b", undefined],
  ])
  expect(counts).toEqual([
    { added: 1, removed: 2, binary: false },
    { added: 0, removed: 0, binary: true },
  ])
})
