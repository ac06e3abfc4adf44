import { chmod, chown, mkdir, readFile, rm, writeFile } from "node:fs/promises"
import { dirname, join } from "node:path"
import { hasOpenssl, makeRepo, makeTempFolder, runGit, startHttpsRemote } from "@twolane/testkit"
import { expect, test } from "vitest"
import { isSourceDirty } from "../../src/git/checkout.ts"
import { ensureCommit, fetchedAt, fetchMirror } from "../../src/git/fetch.ts"
import { GitFailure } from "../../src/git/git.ts"
import { mirrorDir, openMirror } from "../../src/git/mirror.ts"
import { readState, writeState } from "../../src/git/mirror-files.ts"
import { probeRemote, remoteFault } from "../../src/git/remote.ts"
import { behind, branchTip, hasCommit, resolveBase } from "../../src/git/resolve.ts"
import { makeMirrored, remoteOf, signal } from "./mirrored.ts"

test("a mirror has the source's branches and tags, and opens again without the source", async () => {
  await using made = await makeMirrored({ "a.txt": "a\n" })
  await made.repo.git("tag", "-a", "v1", "-m", "one")
  await made.repo.branch("feature/x")
  const feature = await made.repo.commit({ "b.txt": "b\n" })
  await fetchMirror(made.mirror, Date.now(), signal)
  const resolve = (base: string) => resolveBase(made.mirror, base, signal)
  expect(await resolve("main")).toBe(made.base)
  expect(await resolve("HEAD")).toBe(made.base)
  expect(await resolve("refs/heads/main")).toBe(made.base)
  expect(await resolve("v1")).toBe(made.base)
  expect(await resolve("refs/tags/v1")).toBe(made.base)
  expect(await resolve("feature/x")).toBe(feature)
  expect(await resolve(feature)).toBe(feature)
  expect(await resolve(feature.slice(0, 10))).toBe(feature)
  await rm(made.repo.path, { recursive: true })
  await using again = await made.open()
  expect(await resolveBase(again, "main", signal)).toBe(made.base)
  expect(await hasCommit(again, feature, signal)).toBe(true)
})

test.each([
  "nope",
  "--all",
  "-c",
  "main~1",
  "main^{tree}",
  "main:a.txt",
  "a..b",
  "",
  "0".repeat(40),
  "origin/../main",
  "x\ny",
])("the base %j is not found", async base => {
  await using made = await makeMirrored({ "a.txt": "a\n" })
  await expect(resolveBase(made.mirror, base, signal)).rejects.toMatchObject({ code: "base-not-found" })
})

test("a fetch follows force-pushes, deletions and branches that become folders; old commits stay", async () => {
  await using made = await makeMirrored({ "a.txt": "a\n" })
  await made.repo.branch("topic")
  const old = await made.repo.commit({ "b.txt": "b\n" })
  await fetchMirror(made.mirror, Date.now(), signal)
  await made.repo.git("switch", "--quiet", "main")
  await made.repo.git("branch", "--quiet", "-D", "topic")
  await made.repo.branch("topic/deeper")
  await made.repo.git("switch", "--quiet", "main")
  await made.repo.commit({ "a.txt": "a2\n" })
  await made.repo.commit({ "a.txt": "a3\n" })
  await fetchMirror(made.mirror, Date.now(), signal)
  expect(await branchTip(made.mirror, "topic", signal)).toBeNull()
  expect(await branchTip(made.mirror, "topic/deeper", signal)).toBe(made.base)
  expect(await hasCommit(made.mirror, old, signal)).toBe(true)
  expect(await behind(made.mirror, made.base, "main", signal)).toBe(2)
  expect(await behind(made.mirror, made.base, "gone", signal)).toBe(0)
})

test("fetches at once are one fetch, and a fresh mirror is not fetched again", async () => {
  await using made = await makeMirrored({ "a.txt": "a\n" })
  const since = Date.now()
  const ends = await Promise.all(Array.from({ length: 8 }, () => fetchMirror(made.mirror, since, signal)))
  expect(new Set(ends).size).toBe(1)
  const at = await fetchedAt(made.mirror)
  expect(await fetchMirror(made.mirror, at - 30_000, signal)).toBe(at)
})

test("a fetch noted by a clock that was ahead counts as none", async () => {
  await using made = await makeMirrored({ "a.txt": "a\n" })
  const state = await readState(made.mirror.dir)
  if (state === null) throw new Error("the mirror was fetched")
  await writeState(made.mirror.dir, { ...state, fetchedAt: Date.now() + 86_400_000 })
  expect(await fetchedAt(made.mirror)).toBe(0)
  const since = Date.now()
  const sha = await made.repo.commit({ "a.txt": "a2\n" })
  expect(await fetchMirror(made.mirror, since, signal)).toBeGreaterThanOrEqual(since)
  expect(await branchTip(made.mirror, "main", signal)).toBe(sha)
})

test("one who leaves does not end a fetch that others wait for", async () => {
  await using made = await makeMirrored({ "a.txt": "a\n" })
  const leaving = new AbortController()
  const since = Date.now()
  const left = fetchMirror(made.mirror, since, leaving.signal)
  const stays = fetchMirror(made.mirror, since, signal)
  leaving.abort({ by: "user" })
  await expect(left).rejects.toEqual({ by: "user" })
  expect(await stays).toBeGreaterThanOrEqual(since)
})

test.runIf(hasOpenssl())(
  "a branch that another git moves in the mirror while it is fetched is fetched again (needs openssl)",
  async () => {
    await using repo = await makeRepo({ files: { "a.txt": "a\n" } })
    await using data = await makeTempFolder("twl-data-")
    const bare = await repo.cloneBare()
    await using server = await startHttpsRemote(dirname(bare), null)
    const remote = remoteOf(`${server.origin}/bare.git`)
    const trusting = { ...remote, operator: { ...remote.operator, network: { GIT_SSL_CAINFO: server.ca } } }
    const at = { dataDir: data.path, team: "default", repo: "r", remote: trusting }
    await using mirror = await openMirror(at, signal)
    const first = await repo.sha()
    const second = await repo.commit({ "a.txt": "b\n" })
    const third = await repo.commit({ "a.txt": "c\n" })
    await repo.git("push", "--quiet", bare, `${second}:refs/heads/main`)
    await fetchMirror(mirror, Date.now(), signal)
    await repo.git("push", "--quiet", bare, `${third}:refs/heads/main`)
    const asked: string[] = []
    server.onRequest(async path => {
      asked.push(path)
      // The third one asks for the objects: what is to be moved, and from where, is fixed by then.
      if (asked.length === 3) await runGit(mirror.dir, ["update-ref", "refs/remotes/origin/main", first])
    })
    await fetchMirror(mirror, Date.now(), signal)
    expect(asked.length).toBeGreaterThan(3)
    expect(await resolveBase(mirror, "main", signal)).toBe(third)
  },
)

test("a commit that no branch holds any more is asked for by its name", async () => {
  await using made = await makeMirrored({ "a.txt": "a\n" })
  await made.repo.git("config", "uploadpack.allowAnySHA1InWant", "true")
  const lost = await made.repo.commit({ "b.txt": "b\n" })
  await made.repo.git("reset", "--quiet", "--hard", made.base)
  expect(await hasCommit(made.mirror, lost, signal)).toBe(false)
  expect(await ensureCommit(made.mirror, lost, signal)).toBe(true)
  expect(await ensureCommit(made.mirror, "0".repeat(40), signal)).toBe(false)
})

test("the faults of a path source are told apart", async () => {
  await using folder = await makeTempFolder()
  const at = (name: string) => join(folder.path, name)
  await mkdir(at("plain"))
  await runGit(folder.path, ["init", "--quiet", at("empty")])
  const probe = (name: string) => probeRemote(remoteOf(at(name)), undefined, signal)
  await expect(probe("nowhere")).rejects.toMatchObject({ code: "repo-unreachable" })
  await expect(probe("plain")).rejects.toMatchObject({ code: "repo-not-git" })
  await expect(probe("empty")).rejects.toMatchObject({ code: "repo-empty" })
  await expect(probeRemote(remoteOf("https://127.0.0.1:1/r.git"), undefined, signal)).rejects.toMatchObject({
    code: "repo-unreachable",
  })
  await expect(
    probeRemote(remoteOf(at("plain"), { kind: "token", token: "x" }), undefined, signal),
  ).rejects.toMatchObject({ code: "repo-auth" })
})

test("a full or read-only disk of ours is no fault of the source, and one of the source is", () => {
  const remote = remoteOf("https://git.example.com/r.git")
  const end = { code: 128, timedOut: false }
  const words = [
    "unable to write loose object file: No space left on device",
    "unable to create temporary file: Read-only file system",
    "cannot update ref 'refs/remotes/origin/main': couldn't write '/data/refs/remotes/origin/main.lock'",
  ]
  for (const why of words) {
    const stderr = `error: ${why}\nfatal: unpack-objects failed\n`
    expect(() => remoteFault(remote, { ...end, stderr })).toThrow(GitFailure)
    expect(remoteFault(remote, { ...end, stderr: `remote: fatal: ${why}\n` })).toMatchObject({
      code: "repo-unreachable",
    })
  }
})

test("the default branch is HEAD's, the wanted one, or the likeliest where HEAD is on none", async () => {
  await using repo = await makeRepo({ files: { a: "a\n" }, branch: "trunk" })
  const probe = async (wanted?: string) =>
    (await probeRemote(remoteOf(repo.path), wanted, signal)).defaultBranch
  expect(await probe()).toBe("trunk")
  await repo.branch("main")
  await repo.git("switch", "--quiet", "--detach")
  expect(await probe()).toBe("main")
  expect(await probe("trunk")).toBe("trunk")
  for (const wanted of ["none", "--all"])
    await expect(probe(wanted)).rejects.toMatchObject({ code: "base-not-found" })
})

test.runIf(process.getuid?.() === 0)("a source of another user is served, dirty or not", async () => {
  await using made = await makeMirrored({ "a.txt": "a\n" })
  await made.repo.git("config", "core.fsmonitor", `touch ${made.dataDir}/ran; false`)
  for (const path of [made.repo.path, join(made.repo.path, ".git")]) await chown(path, 12_345, 12_345)
  await fetchMirror(made.mirror, Date.now(), signal)
  const { source } = made.mirror.remote
  expect(await isSourceDirty(source, signal)).toBe(false)
  await made.repo.write({ "new.txt": "new\n" })
  expect(await isSourceDirty(source, signal)).toBe(true)
  await expect(readFile(join(made.dataDir, "ran"))).rejects.toMatchObject({ code: "ENOENT" })
})

test("a source in Twolane's own mirrors is refused", async () => {
  await using made = await makeMirrored({ "a.txt": "a\n" })
  const wanted = { dataDir: made.dataDir, team: "other", repo: "spy", remote: remoteOf(made.mirror.dir) }
  await expect(openMirror(wanted, signal)).rejects.toMatchObject({ code: "repo-not-git" })
  expect(() => mirrorDir(made.dataDir, "..", "x")).toThrow("not a name")
  expect(() => mirrorDir(made.dataDir, "a", "x/../y")).toThrow("not a name")
})

test("a new source of the same repo is fetched into the same mirror", async () => {
  await using made = await makeMirrored({ "a.txt": "a\n" })
  await using other = await makeRepo({ files: { "b.txt": "b\n" } })
  const remote = remoteOf(other.path)
  await using mirror = await openMirror(
    { dataDir: made.dataDir, team: "default", repo: "sample", remote },
    signal,
  )
  expect(await resolveBase(mirror, "main", signal)).toBe(await other.sha())
  expect(await hasCommit(mirror, made.base, signal)).toBe(true)
})

test("hooks and settings of the source do not run, and none of the mirror's own exist", async () => {
  await using made = await makeMirrored({ "a.txt": "a\n" })
  const hook = join(made.repo.path, ".git", "hooks", "post-checkout")
  await writeFile(hook, `#!/bin/sh\ntouch ${made.dataDir}/ran\n`)
  await chmod(hook, 0o755)
  await fetchMirror(made.mirror, Date.now(), signal)
  await expect(readFile(join(made.dataDir, "ran"))).rejects.toMatchObject({ code: "ENOENT" })
  await expect(readFile(join(made.mirror.dir, "hooks", "pre-push.sample"))).rejects.toMatchObject({
    code: "ENOENT",
  })
})
