import { execFileSync } from "node:child_process"
import { readdirSync } from "node:fs"
import { readFile, symlink } from "node:fs/promises"
import { join } from "node:path"
import { isFault } from "@twolane/protocol"
import { runGit } from "@twolane/testkit"
import { afterAll, beforeAll, expect, test } from "vitest"
import { applyChange } from "../../src/git/apply-change.ts"
import { scratchOf } from "../../src/git/mirror-files.ts"
import { checkpointRef } from "../../src/git/refs.ts"
import { treeChange } from "../../src/git/tree-change.ts"
import { type Mirrored, makeMirrored, signal } from "./mirrored.ts"
import { task } from "./saver.ts"

const files = { "a.txt": "one\ntwo\n", "b/gone.txt": "bye\n", "run.sh": "echo\n", "crlf.txt": "x\r\ny\r\n" }

let made: Mirrored
beforeAll(async () => {
  made = await makeMirrored(files)
})
afterAll(() => made[Symbol.asyncDispose]())

const apply = (patch: string) =>
  applyChange(made.mirror, { task, base: made.base, patch, at: 1_700_000_000_000 }, signal)

const fault = async (patch: string) => {
  const error = await apply(patch).catch((thrown: unknown) => thrown)
  return isFault(error) ? { code: error.code, message: error.message, ...error.extra } : error
}

/** The working tree's difference as `twolane run --with-changes` makes it; the tree is clean again after. */
const diffOfTree = async (): Promise<string> => {
  await made.repo.git("add", "--all")
  const args = ["diff", "--cached", "--binary", "--full-index", "--no-renames", "HEAD"]
  // Not trimmed: a patch ends with its line feed.
  const text = execFileSync("git", args, { cwd: made.repo.path, encoding: "utf8" })
  await made.repo.git("reset", "--quiet", "--hard")
  return text
}

test("a person's work becomes the first checkpoint, byte by byte, with modes, and the same again is the same commit", async () => {
  await made.repo.write({
    "a.txt": "one\r\nthree",
    "b/gone.txt": null,
    "run.sh": "#!/bin/sh\necho\n",
    "crlf.txt": "x\r\nz\r\n",
    "ümlaut näme.bin": new Uint8Array([0, 255, 1, 254, 10, 13]),
  })
  await symlink("a.txt", join(made.repo.path, "link"))
  const patch = await diffOfTree()
  const first = await apply(patch)
  expect(first.files.map(({ path, change }) => `${change} ${path}`)).toEqual([
    "modified a.txt",
    "deleted b/gone.txt",
    "modified crlf.txt",
    "added link",
    "modified run.sh",
    "added ümlaut näme.bin",
  ])
  expect(first.diff).toContain("+three\n\\ No newline at end of file\n")
  expect(await runGit(made.mirror.dir, ["rev-parse", checkpointRef(task, 0, 1)])).toBe(first.sha)
  const blob = execFileSync("git", ["cat-file", "blob", `${first.sha}:ümlaut näme.bin`], {
    cwd: made.mirror.dir,
  })
  expect([...blob]).toEqual([0, 255, 1, 254, 10, 13])
  const modes = await treeChange(made.mirror, made.base, first.sha, signal)
  expect(modes.find(({ path }) => path === "run.sh")?.newMode).toBe("100755")
  expect(modes.find(({ path }) => path === "link")?.newMode).toBe("120000")
  expect(await apply(patch)).toEqual(first)
  expect(readdirSync(scratchOf(made.mirror.dir))).toEqual([])
})

const header = (path: string, mode: string) =>
  `diff --git a/${path} b/${path}\nnew file mode ${mode}\nindex ${"0".repeat(40)}..${"1".repeat(40)}\n--- /dev/null\n+++ b/${path}\n@@ -0,0 +1 @@\n`

test("a patch that does not apply wholly is refused by the file's name, and changes nothing", async () => {
  const hunk = (path: string, old: string) => `--- a/${path}\n+++ b/${path}\n@@ -1 +1 @@\n-${old}\n+new\n`
  const before = await readFile(join(made.repo.path, "a.txt"), "utf8")
  const good = `--- a/run.sh\n+++ b/run.sh\n@@ -1 +1 @@\n-echo\n+echo 1\n`
  const refusals: [string, { message: RegExp | string; paths: string[] }][] = [
    [good + hunk("a.txt", "other"), { message: /a\.txt: patch does not apply/, paths: ["a.txt"] }],
    [hunk("no.txt", "x"), { message: /no\.txt: does not exist in index/, paths: ["no.txt"] }],
    [`${header("a.txt", "100644")}+x\n`, { message: /already exists/, paths: ["a.txt"] }],
    [`${header("../out.txt", "100644")}+x\n`, { message: /invalid path/, paths: ["../out.txt"] }],
    [`${header(".git/config", "100644")}+x\n`, { message: /invalid path/, paths: [".git/config"] }],
    ["not a patch at all\n", { message: /No valid patches/, paths: [] }],
    [`--- a/a.txt\n+++ b/a.txt\n@@ -1,9 +1 @@\n-one\n`, { message: /corrupt patch/, paths: [] }],
  ]
  for (const [patch, { message, paths }] of refusals)
    expect(await fault(patch), patch).toEqual({
      code: "changes-not-applicable",
      message: expect.stringMatching(message),
      paths,
    })
  expect(await readFile(join(made.repo.path, "a.txt"), "utf8")).toBe(before)
})

test("what no workspace may hold is refused: nested repositories, and links that leave", async () => {
  const link = (path: string, target: string) =>
    `${header(path, "120000")}+${target}\n\\ No newline at end of file\n`
  const gitlink = `${header("vendor/lib", "160000")}+Subproject commit ${"2".repeat(40)}\n`
  const refusals = [
    [link("out", "/etc/passwd"), "out: is a symlink to /etc/passwd, out of the workspace", "out"],
    [link("b/up", "../../x"), "b/up: is a symlink to ../../x, out of the workspace", "b/up"],
    [gitlink, "vendor/lib: is a submodule or nested repository", "vendor/lib"],
  ] as const
  for (const [patch, message, path] of refusals)
    expect(await fault(patch)).toEqual({ code: "changes-not-applicable", message, paths: [path] })
})

test("a patch that would unpack to fill the memory is stopped", async () => {
  await made.repo.write({ "huge.bin": new Uint8Array(1_000) })
  const patch = (await diffOfTree()).replace("literal 1000\n", "literal 300000000\n")
  expect(await fault(patch)).toMatchObject({
    code: "changes-not-applicable",
    message: expect.stringContaining("attempting to allocate"),
  })
})
