import { execFileSync } from "node:child_process"
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { makeRepo } from "@twolane/testkit"
import { expect, test } from "vitest"
import { applyHere, uncommitted } from "../src/commands/checkout.ts"

const files = { "a.txt": "one\n", "gone.txt": "bye\n", ".gitignore": "ignored\n" }
const status = (folder: string): string =>
  execFileSync("git", ["-C", folder, "status", "--porcelain"], { encoding: "utf8" })

test("all uncommitted work is one patch that another checkout takes, and the index stays as it was", async () => {
  await using repo = await makeRepo({ files })
  await using other = await makeRepo({ files })
  mkdirSync(join(repo.path, "sub"))
  writeFileSync(join(repo.path, "a.txt"), "two\n")
  writeFileSync(join(repo.path, "sub/new.txt"), "new\n")
  writeFileSync(join(repo.path, "bytes.bin"), Buffer.from([0, 255, 1, 254]))
  writeFileSync(join(repo.path, "ignored"), "secret\n")
  rmSync(join(repo.path, "gone.txt"))
  const before = status(repo.path)

  const { base, changes } = await uncommitted(join(repo.path, "sub"))
  expect(base).toMatch(/^[0-9a-f]{40}$/)
  expect(changes).not.toContain("secret")
  expect(status(repo.path)).toBe(before)
  expect(await applyHere(changes, other.path)).toBe(other.path)
  expect(status(other.path)).toBe("M  a.txt\nA  bytes.bin\nD  gone.txt\nA  sub/new.txt\n")
  expect(readFileSync(join(other.path, "bytes.bin"))).toEqual(Buffer.from([0, 255, 1, 254]))
})

test("nothing uncommitted, and no checkout, are told in one line", async () => {
  await using repo = await makeRepo({ files })
  await expect(uncommitted(repo.path)).rejects.toThrow("--with-changes: there is no uncommitted work here")
  await expect(uncommitted("/")).rejects.toThrow("--with-changes: this folder is no git checkout")
})

test("a patch that does not fit changes nothing", async () => {
  await using repo = await makeRepo({ files })
  const patch = "--- a/a.txt\n+++ b/a.txt\n@@ -1 +1 @@\n-other\n+two\n"
  await expect(applyHere(patch, repo.path)).rejects.toThrow("git apply failed")
  expect(status(repo.path)).toBe("")
})
