import { execFileSync } from "node:child_process"
import { existsSync } from "node:fs"
import { chmod, readdir, readFile, writeFile } from "node:fs/promises"
import { createServer } from "node:net"
import { dirname, join } from "node:path"
import { type HttpsRemote, hasOpenssl, makeRepo, makeTempFolder, startHttpsRemote } from "@twolane/testkit"
import { expect, test } from "vitest"
import { commitChange } from "../../src/git/commit.ts"
import type { Credential, Remote } from "../../src/git/credential.ts"
import { fetchMirror } from "../../src/git/fetch.ts"
import { openMirror } from "../../src/git/mirror.ts"
import { pushBranch } from "../../src/git/push.ts"
import { probeRemote, remoteHead } from "../../src/git/remote.ts"
import { operatorEnv } from "../../src/git/settings.ts"
import { parseSource } from "../../src/git/source.ts"
import { signal } from "./mirrored.ts"

const token = "s3cret-canary-token"
const right: Credential = { kind: "token", token }
const expected = { user: "x-access-token", token }

const remoteAt = (server: HttpsRemote, name: string, credential: Credential | null): Remote => {
  const operator = { ...operatorEnv(), network: { GIT_SSL_CAINFO: server.ca } }
  return { source: parseSource(`${server.origin}/${name}`), credential, operator }
}

/** These doubles need programs that a machine for development has, and a bare one may not. */
const has = (program: string): boolean =>
  operatorEnv()
    .path.split(":")
    .some(folder => existsSync(join(folder, program)))
const tls = hasOpenssl()
const ssh = has("ssh-keygen") && has("ssh-agent")

/** Argument lists and environments of everything that runs and is not us, and the files of a folder. */
const visible = async (folder: string): Promise<string> => {
  const pids = (await readdir("/proc")).filter(name => /^\d+$/.test(name) && Number(name) !== process.pid)
  const read = (path: string) => readFile(path, "latin1").catch(() => "")
  const texts = await Promise.all(
    pids.flatMap(pid => [read(`/proc/${pid}/cmdline`), read(`/proc/${pid}/environ`)]),
  )
  const files = await readdir(folder, { recursive: true, withFileTypes: true })
  const contents = await Promise.all(
    files.filter(file => file.isFile()).map(file => read(join(file.parentPath, file.name))),
  )
  return [...texts, ...contents].join("\n")
}

test.runIf(tls)(
  "a private source is mirrored and pushed to with its token, which nothing shows",
  async () => {
    await using repo = await makeRepo({ files: { "a.txt": "a\n" } })
    await using data = await makeTempFolder("twl-data-")
    const bare = await repo.cloneBare()
    await using server = await startHttpsRemote(dirname(bare), expected)
    const seen: Promise<string>[] = []
    server.onRequest(() => seen.push(visible(data.path)))
    const remote = remoteAt(server, "bare.git", right)
    await using mirror = await openMirror({ dataDir: data.path, team: "default", repo: "r", remote }, signal)
    await fetchMirror(mirror, Date.now(), signal)
    const base = await repo.sha()
    const tree = await mirror.objects.writeTree([], signal)
    const text = `tree ${tree}\nparent ${base}\nauthor a <a@a> 1 +0000\ncommitter a <a@a> 1 +0000\n\nx\n`
    const checkpoint = await mirror.objects.writeCommit(text, signal)
    const author = { name: "A", email: "a@example.com" }
    const sha = await commitChange(mirror, { task: "task_1", base, checkpoint, author, message: "m" }, signal)
    const wanted = { branch: "twolane/task_1", sha, expected: [null] }
    expect(await pushBranch(mirror, wanted, signal)).toEqual({ pushed: true })
    expect(await remoteHead(remote, wanted.branch, signal)).toBe(sha)
    expect(seen.length).toBeGreaterThan(3)
    for (const shown of await Promise.all(seen)) expect(shown).not.toContain(token)
    expect(server.seen.filter(given => given !== null)).toContain(`x-access-token:${token}`)
  },
)

test.runIf(tls)(
  "a private source without a credential, or with a wrong one, asks for one; a missing repository is told apart",
  async () => {
    await using repo = await makeRepo({ files: { "a.txt": "a\n" } })
    const bare = await repo.cloneBare()
    await using server = await startHttpsRemote(dirname(bare), expected)
    const probe = (name: string, credential: Credential | null) =>
      probeRemote(remoteAt(server, name, credential), undefined, signal)
    expect(await probe("bare.git", right)).toMatchObject({ defaultBranch: "main" })
    await expect(probe("bare.git", null)).rejects.toMatchObject({ code: "repo-auth" })
    await expect(probe("bare.git", { kind: "token", token: "wrong" })).rejects.toMatchObject({
      code: "repo-auth",
    })
    await expect(probe("bare.git", { kind: "token", token: "two\nlines" })).rejects.toMatchObject({
      code: "repo-auth",
    })
    await expect(probe("none.git", right)).rejects.toMatchObject({ code: "repo-not-git" })
    const untrusting = { ...remoteAt(server, "bare.git", right), operator: operatorEnv() }
    await expect(probeRemote(untrusting, undefined, signal)).rejects.toMatchObject({
      code: "repo-unreachable",
    })
  },
)

test.runIf(tls)("a redirect to another host does not get the token", async () => {
  await using repo = await makeRepo({ files: { "a.txt": "a\n" } })
  const bare = await repo.cloneBare()
  await using other = await startHttpsRemote(dirname(bare), expected)
  await using first = await startHttpsRemote(dirname(bare), null, { redirect: other.origin })
  const both = join(dirname(bare), "both.pem")
  await writeFile(both, (await readFile(first.ca, "utf8")) + (await readFile(other.ca, "utf8")))
  const remote = remoteAt(first, "bare.git", right)
  const trusting = { ...remote, operator: { ...remote.operator, network: { GIT_SSL_CAINFO: both } } }
  await expect(probeRemote(trusting, undefined, signal)).rejects.toMatchObject({ code: "repo-auth" })
  expect(other.seen.length).toBeGreaterThan(0)
  expect(other.seen.every(given => given === null)).toBe(true)
})

test.runIf(ssh)(
  "an ssh key goes through a pipe into an agent of its own, and known hosts are kept to",
  async () => {
    await using repo = await makeRepo({ files: { "a.txt": "a\n" } })
    await using folder = await makeTempFolder("twl-ssh-")
    const bare = await repo.cloneBare()
    const key = join(folder.path, "key")
    execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", "canary", "-f", key])
    // In place of ssh: says what it was given, then serves the repository itself.
    const log = join(folder.path, "log")
    const stub = join(folder.path, "ssh")
    await writeFile(
      stub,
      `#!/bin/sh\n{ echo "$@"; ssh-add -L; env; } >> ${log}\nexec git upload-pack ${bare}\n`,
    )
    await chmod(stub, 0o755)
    const privateKey = await readFile(key, "utf8")
    const operator = { ...operatorEnv(), path: `${folder.path}:${operatorEnv().path}`, sshAgent: "/nowhere" }
    const source = parseSource("git@git.example.com:team/repo.git")
    const probe = (credential: Credential | null) =>
      probeRemote({ source, credential, operator }, undefined, signal)
    const knownHosts = "git.example.com ssh-ed25519 AAAA"
    expect(await probe({ kind: "ssh", privateKey, knownHosts })).toMatchObject({ defaultBranch: "main" })
    const said = await readFile(log, "utf8")
    expect(said).toContain("-oBatchMode=yes")
    expect(said).toContain("-oStrictHostKeyChecking=yes")
    expect(said).toContain((await readFile(`${key}.pub`, "utf8")).split(" ")[1])
    expect(said).not.toContain("/nowhere")
    expect(said).not.toContain(privateKey.split("\n")[2])
    await expect(probe({ kind: "ssh", privateKey: "no key" })).rejects.toMatchObject({ code: "repo-auth" })
    await writeFile(log, "")
    await probe(null)
    expect(await readFile(log, "utf8")).toContain("SSH_AUTH_SOCK=/nowhere")
  },
)

test("a server that never answers is given up with the signal, and git is gone at once", async () => {
  let connected = () => {}
  const silent = createServer(() => connected())
  await new Promise<void>(resolve => silent.listen(0, "127.0.0.1", resolve))
  const address = silent.address()
  if (address === null || typeof address === "string") throw new Error("no port")
  const source = parseSource(`https://localhost:${address.port}/r.git`)
  const abort = new AbortController()
  const there = new Promise<void>(resolve => {
    connected = resolve
  })
  const probing = probeRemote({ source, credential: null, operator: operatorEnv() }, undefined, abort.signal)
  await there
  abort.abort({ by: "user" })
  await expect(probing).rejects.toEqual({ by: "user" })
  await new Promise(resolve => silent.close(resolve))
})
