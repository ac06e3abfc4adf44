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

test("text that is not UTF-8 comes through as it is, whatever the user's own settings of diff are", async () => {
  await using repo = await makeRepo({ files: { ...files, "latin.txt": Buffer.from("caf\xe9\n", "latin1") } })
  await using other = await makeRepo({ files: { ...files, "latin.txt": Buffer.from("caf\xe9\n", "latin1") } })
  for (const setting of [
    ["diff.noprefix", "true"],
    ["diff.renames", "copies"],
    ["color.ui", "always"],
    ["diff.external", "false"],
  ])
    await repo.git("config", ...setting)
  const latin = Buffer.from("caf\xe9 na\xefve\n", "latin1")
  await repo.write({ "latin.txt": latin, "gone.txt": null, "moved.txt": "bye\n", "a.txt": "\ufeffone\r\n" })
  const { changes } = await uncommitted(repo.path)
  await applyHere(changes, other.path)
  expect(readFileSync(join(other.path, "latin.txt"))).toEqual(latin)
  expect(readFileSync(join(other.path, "a.txt"), "utf8")).toBe("\ufeffone\r\n")
  expect(status(other.path)).toBe("M  a.txt\nM  latin.txt\nR  gone.txt -> moved.txt\n")
})

test("text that a repository declares and UTF-8 can't hold is refused in one line", async () => {
  await using repo = await makeRepo({ files: { ".gitattributes": "*.txt diff\n", "latin.txt": "cafe\n" } })
  await repo.write({ "latin.txt": Buffer.from("caf\xe9\n", "latin1") })
  await expect(uncommitted(repo.path)).rejects.toThrow("some file is not UTF-8")
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
