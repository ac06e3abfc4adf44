import { chown, readdir, stat, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { runGit } from "@twolane/testkit"
import { expect, test } from "vitest"
import { saveCheckpoint } from "../../src/git/checkpoint.ts"
import { commitChange, taskHead } from "../../src/git/commit.ts"
import { diffTrees } from "../../src/git/diff.ts"
import { fetchMirror } from "../../src/git/fetch.ts"
import { mergeChange } from "../../src/git/merge.ts"
import { pushBranch } from "../../src/git/push.ts"
import { remoteHead } from "../../src/git/remote.ts"
import { type Mirrored, makeMirrored, signal } from "./mirrored.ts"

const task = "task_00000000000000000000000000"
const branch = `twolane/${task}`
const author = { name: "Ada <Lovelace>\n", email: "ada@example.com" }

/** Commits one file's new content to the task's branch, by way of a checkpoint. */
const change = async (
  made: Mirrored,
  n: number,
  path: string,
  text: string,
  parent = made.base,
): Promise<string> => {
  const copy = join(made.dataDir, `copy-${n}`)
  await writeFile(copy, text)
  const changed = [{ path, kind: "file", executable: false, copy }] as const
  const { saved } = await saveCheckpoint(
    made.mirror,
    { task, attempt: 1, n, base: made.base, parent, changed },
    signal,
  )
  if (saved === null) throw new Error("nothing was saved")
  return saved.sha
}

const commit = (made: Mirrored, checkpoint: string, message = "Mend it") =>
  commitChange(made.mirror, { task, base: made.base, checkpoint, author, message }, signal)

test("a change is one commit on the base, the next one on the branch, and the tree is the checkpoint's", async () => {
  await using made = await makeMirrored({ "a.txt": "a\n" })
  const one = await change(made, 1, "a.txt", "b\n")
  const two = await change(made, 2, "c.txt", "c\n", one)
  const head = await commit(made, two, "Mend it\n\nAll of it.\0")
  expect(await commit(made, two)).toBe(head)
  const git = (...args: string[]) => runGit(made.mirror.dir, args)
  expect(
    await git(
      "log",
      "--format=%an|%ae|%cn|%s|%(trailers:key=Twolane-Task,valueonly,separator=)|%P",
      branch,
      "--",
    ),
  ).toBe(
    `Ada  Lovelace|ada@example.com|Twolane|Mend it|${task}|${made.base}\n|||initial||`.replace(
      "|||initial||",
      await git("log", "-1", "--format=%an|%ae|%cn|%s||", made.base),
    ),
  )
  expect(await git("rev-parse", `${head}^{tree}`)).toBe(await git("rev-parse", `${two}^{tree}`))
  const next = await commit(made, await change(made, 3, "a.txt", "d\n", two))
  expect(await git("rev-parse", `${next}^`)).toBe(head)
  expect(await taskHead(made.mirror, task, signal)).toBe(next)
  expect(await taskHead(made.mirror, "task_other", signal)).toBeNull()
})

test("a change goes on from the head that another machine made", async () => {
  await using made = await makeMirrored({ "a.txt": "a\n" })
  const mine = await commit(made, await change(made, 1, "a.txt", "mine\n"))
  const theirs = await change(made, 2, "a.txt", "theirs\n")
  const checkpoint = await change(made, 3, "b.txt", "b\n", theirs)
  const wanted = { task, base: made.base, head: theirs, checkpoint, author, message: "Go on" }
  const head = await commitChange(made.mirror, wanted, signal)
  expect(await runGit(made.mirror.dir, ["log", "-1", "--format=%P", head])).toBe(theirs)
  expect(await taskHead(made.mirror, task, signal)).toBe(head)
  expect(head).not.toBe(mine)
})

test("an unchanged tree makes no commit and no branch", async () => {
  await using made = await makeMirrored({ "a.txt": "a\n" })
  expect(await commit(made, made.base)).toBe(made.base)
  expect(await taskHead(made.mirror, task, signal)).toBeNull()
})

test("a branch is pushed once, moves on from where we left it, and never over someone else's commit", async () => {
  await using made = await makeMirrored({ "a.txt": "a\n" }, { bare: true })
  const push = (sha: string, ...expected: (string | null)[]) =>
    pushBranch(made.mirror, { branch, sha, expected }, signal)
  const one = await commit(made, await change(made, 1, "a.txt", "b\n"))
  expect(await push(one, null)).toEqual({ pushed: true })
  expect(await push(one, null)).toEqual({ pushed: false })
  const two = await commit(made, await change(made, 2, "a.txt", "c\n"))
  await expect(push(two, null)).rejects.toMatchObject({ code: "branch-moved" })
  // The record of the first push may be missing: then it is at one of these.
  expect(await push(two, null, one)).toEqual({ pushed: true })
  const source = made.mirror.remote.source.url
  const theirs = await made.repo.commit({ "theirs.txt": "t\n" })
  await made.repo.git("push", "--quiet", "--force", source, `${theirs}:refs/heads/${branch}`)
  const three = await commit(made, await change(made, 3, "a.txt", "d\n"))
  await expect(push(three, null, one, two)).rejects.toMatchObject({ code: "branch-moved" })
  expect(await remoteHead(made.mirror.remote, branch, signal)).toBe(theirs)
  expect(await readdir(join(source, "refs", "twolane")).catch(() => [])).toEqual([])
})

test("a push that the source refuses keeps everything and says why", async () => {
  await using made = await makeMirrored({ "a.txt": "a\n" }, { bare: true })
  const hook = join(made.mirror.remote.source.url, "hooks", "pre-receive")
  await writeFile(hook, "#!/bin/sh\necho not today >&2\nexit 1\n", { mode: 0o755 })
  const sha = await commit(made, await change(made, 1, "a.txt", "b\n"))
  await expect(pushBranch(made.mirror, { branch, sha, expected: [null] }, signal)).rejects.toMatchObject({
    code: "publish-failed",
    message: expect.stringContaining("pre-receive hook declined"),
  })
  expect(await taskHead(made.mirror, task, signal)).toBe(sha)
})

test("a branch that the source has checked out, itself or in a worktree, is not pushed to", async () => {
  await using made = await makeMirrored({ "a.txt": "a\n" })
  const sha = await commit(made, await change(made, 1, "a.txt", "b\n"))
  const push = (name: string) => pushBranch(made.mirror, { branch: name, sha, expected: [made.base] }, signal)
  await expect(push("main")).rejects.toMatchObject({ code: "target-checked-out" })
  await made.repo.git("worktree", "add", "--quiet", "-b", "side", join(made.dataDir, "side"))
  await expect(push("side")).rejects.toMatchObject({ code: "target-checked-out" })
  await made.repo.git("branch", "free")
  expect(await push("free")).toEqual({ pushed: true })
})

test.runIf(process.getuid?.() === 0)(
  "a push into another user's repository leaves files of that user",
  async () => {
    await using made = await makeMirrored({ "a.txt": "a\n" })
    const objects = join(made.repo.path, ".git")
    for (const name of await readdir(made.repo.path, { recursive: true }))
      await chown(join(made.repo.path, name), 12_345, 12_345)
    for (const path of [made.repo.path, join(made.repo.path, "..")]) await chown(path, 12_345, 12_345)
    const sha = await commit(made, await change(made, 1, "a.txt", "b\n"))
    expect(await pushBranch(made.mirror, { branch, sha, expected: [null] }, signal)).toEqual({ pushed: true })
    const files = await readdir(objects, { recursive: true })
    const owners = await Promise.all(files.map(async name => (await stat(join(objects, name))).uid))
    expect(new Set(owners)).toEqual(new Set([12_345]))
  },
)

test("a merge is the head itself while the default branch stands still, else a commit of both", async () => {
  await using made = await makeMirrored({ "a.txt": "a\n", "b.txt": "b\n" })
  const head = await commit(made, await change(made, 1, "a.txt", "a2\n"))
  const merge = () => mergeChange(made.mirror, { task, head, defaultBranch: "main", author }, signal)
  expect(await merge()).toEqual({ sha: head, tip: made.base, fastForward: true })
  const tip = await made.repo.commit({ "b.txt": "b2\n" })
  await fetchMirror(made.mirror, Date.now(), signal)
  const { sha, fastForward } = await merge()
  expect(fastForward).toBe(false)
  expect(await runGit(made.mirror.dir, ["log", "-1", "--format=%P", sha])).toBe(`${tip} ${head}`)
  expect((await diffTrees(made.mirror, made.base, sha, signal)).changes.map(({ path }) => path)).toEqual([
    "a.txt",
    "b.txt",
  ])
  await made.repo.commit({ "a.txt": "theirs\n", "b.txt": "b3\n" })
  await fetchMirror(made.mirror, Date.now(), signal)
  await expect(merge()).rejects.toMatchObject({ code: "merge-conflict", extra: { paths: ["a.txt"] } })
  const gone = mergeChange(made.mirror, { task, head, defaultBranch: "gone", author }, signal)
  await expect(gone).rejects.toMatchObject({ code: "base-not-found" })
})

test("a lock that a killed git left on the branch does not stop it for long", async () => {
  await using made = await makeMirrored({ "a.txt": "a\n" })
  await commit(made, await change(made, 1, "a.txt", "b\n"))
  const lock = join(made.mirror.dir, "refs", "heads", "twolane", `${task}.lock`)
  await writeFile(lock, "")
  await import("node:fs/promises").then(({ utimes }) => utimes(lock, 1, 1))
  const next = await commit(made, await change(made, 2, "a.txt", "c\n"))
  expect(await taskHead(made.mirror, task, signal)).toBe(next)
})
