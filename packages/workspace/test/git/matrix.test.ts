import { spawnSync } from "node:child_process"
import { writeFile } from "node:fs/promises"
import { join } from "node:path"
import { makeTempFolder } from "@twolane/testkit"
import { expect, test } from "vitest"
import { isCheckedOut, isSourceDirty } from "../../src/git/checkout.ts"
import { saveCheckpoint } from "../../src/git/checkpoint.ts"
import { commitChange } from "../../src/git/commit.ts"
import { diffTrees } from "../../src/git/diff.ts"
import { fetchMirror } from "../../src/git/fetch.ts"
import { mergeChange } from "../../src/git/merge.ts"
import { openMirror } from "../../src/git/mirror.ts"
import { pushBranch } from "../../src/git/push.ts"
import { probeRemote } from "../../src/git/remote.ts"
import { resolveBase } from "../../src/git/resolve.ts"
import { addWorktree, releaseWorktree } from "../../src/git/worktree.ts"
import { everyKey } from "./hostile/keys.ts"
import { makeHostile } from "./hostile/repository.ts"
import { remoteOf, signal, workspaceIn } from "./mirrored.ts"

// Settings that git can't read for what they should be (a number, a yes) end a command before anything else is looked at: such a one is
// tried alone, so that the others of its group are seen. `MATRIX=each` tries every setting alone.
const groupSize = process.env.MATRIX === "each" ? 1 : 40

const task = "task_00000000000000000000000000"

/** All that the service does with a source, one behind the other, whatever becomes of it. */
const touch = async (source: string, dataDir: string, round: number): Promise<void> => {
  const remote = remoteOf(source)
  const tried = async <Value>(act: () => Promise<Value>): Promise<Value | null> =>
    await act().catch(() => null)
  await tried(() => probeRemote(remote, undefined, signal))
  await tried(() => isSourceDirty(remote.source, signal))
  await tried(() => isCheckedOut(remote.source, "main", signal))
  const wanted = { dataDir, team: "default", repo: "evil", remote }
  await using mirror = await tried(() => openMirror(wanted, signal))
  if (mirror === null) return
  await tried(() => fetchMirror(mirror, Date.now(), signal))
  const base = await tried(() => resolveBase(mirror, "main", signal))
  if (base === null) return
  await tried(() => pushBranch(mirror, { branch: `twolane/${round}`, sha: base, expected: [null] }, signal))
}

/** The setting of a group that ends a plain git's commands before the others are looked at, by its own words. */
const unreadable = (said: string, keys: readonly string[]): string | undefined => {
  const lower = said.toLowerCase()
  return keys.find(key => lower.includes(`'${key.toLowerCase()}'`) || lower.includes(` ${key.toLowerCase()}`))
}

test("no setting of a hostile repository has anything run by what the service does with it", async () => {
  await using hostile = await makeHostile()
  await using data = await makeTempFolder("twl-data-")
  const keys = everyKey()
  expect(keys.length).toBeGreaterThan(600)
  const executed: string[] = []
  let rounds = 0
  const tryOut = async (group: readonly string[]) => {
    hostile.set(group)
    hostile.executed()
    await touch(hostile.repo.path, data.path, ++rounds)
    executed.push(...hostile.executed().map(mark => `${mark} by ${group.join(" ")}`))
  }
  for (let from = 0; from < keys.length; from += groupSize) {
    let group = keys.slice(from, from + groupSize)
    for (let bad: string | undefined = "-"; bad !== undefined; ) {
      hostile.set(group)
      bad = unreadable(hostile.complaints(), group)
      if (bad === undefined) break
      await tryOut([bad])
      group = group.filter(key => key !== bad)
    }
    await tryOut(group)
  }
  expect(executed).toEqual([])
  // Six calls of ours a round: what the release's figures are made of.
  console.info(`${keys.length} settings in ${rounds} rounds of six calls, and nothing was executed`)
}, 600_000)

test("the same repository has much run by a git that nobody hardened", async () => {
  await using hostile = await makeHostile()
  const seen = new Set<string>()
  for (const key of [
    "core.fsmonitor",
    "filter.evil.clean",
    "filter.evil.process",
    "diff.external",
    "core.hooksPath",
    "diff.evil.textconv",
    "include.path",
  ]) {
    hostile.set([key])
    hostile.complaints()
    for (const args of [["status"], ["diff"], ["add", "a.txt"], ["log", "-p", "-1"], ["commit", "-m", "x"]])
      spawnSync("git", ["-c", "user.name=t", "-c", "user.email=t@e.org", ...args], {
        cwd: hostile.repo.path,
        stdio: "ignore",
        timeout: 30_000,
      })
    for (const mark of hostile.executed()) seen.add(mark)
  }
  expect(seen.size).toBeGreaterThan(6)
})

test("its attributes, submodules and names run nothing in a worktree, a checkpoint, a diff, a commit or a merge of it", async () => {
  await using hostile = await makeHostile()
  await using data = await makeTempFolder("twl-data-")
  const remote = remoteOf(hostile.repo.path)
  await using mirror = await openMirror({ dataDir: data.path, team: "default", repo: "evil", remote }, signal)
  const base = await resolveBase(mirror, "main", signal)
  await hostile.repo.git("-c", "core.hooksPath=/dev/null", "commit", "--quiet", "-m", "goes on", "a.txt")
  await fetchMirror(mirror, Date.now(), signal)
  hostile.set(["filter.evil.clean", "filter.evil.smudge", "merge.evil.driver", "diff.evil.textconv"])
  hostile.executed()
  const path = workspaceIn(data.path, "one")
  const worktree = await addWorktree(mirror, { path, commit: base, checkout: true }, signal)
  await writeFile(join(path, "c.txt"), "c\n")
  const changed = [{ path: "c.txt", kind: "file", executable: false, copy: join(path, "c.txt") }] as const
  const { saved } = await saveCheckpoint(
    mirror,
    { task, attempt: 1, n: 1, base, parent: base, changed },
    signal,
  )
  if (saved === null) throw new Error("nothing was saved")
  expect((await diffTrees(mirror, base, saved.sha, signal)).text).toContain("c.txt")
  const author = { name: "Ada", email: "ada@example.org" }
  const head = await commitChange(mirror, { task, base, checkpoint: saved.sha, author, message: "x" }, signal)
  const merged = await mergeChange(mirror, { task, head, defaultBranch: "main", author }, signal)
  expect(merged.fastForward).toBe(false)
  await (await releaseWorktree(mirror, worktree)).removed
  expect(hostile.executed()).toEqual([])
})
