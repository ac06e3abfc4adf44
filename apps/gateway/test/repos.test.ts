import { rm, writeFile } from "node:fs/promises"
import { hostname } from "node:os"
import { join } from "node:path"
import type { Repo, Task } from "@twolane/protocol"
import { makeRepo, makeTempFolder, runGit } from "@twolane/testkit"
import { afterAll, beforeAll, expect, test } from "vitest"
import { type OpenGateway, openGateway } from "./open-gateway.ts"

let gateway: OpenGateway
beforeAll(async () => {
  gateway = await openGateway()
})
afterAll(() => gateway[Symbol.asyncDispose]())

const register = (name: string, source: string, more = {}) =>
  gateway.call("POST", "/v1/repos", { name, source, ...more })

test("a path is registered as committed, and says when uncommitted work stays behind", async () => {
  await using source = await makeRepo({ files: { "a.txt": "a\n" }, branch: "trunk" })
  const clean = await register("clean", source.path)
  expect([clean.status, clean.headers.get("location")]).toEqual([201, "/v1/repos/clean"])
  const repo = {
    name: "clean",
    team: "default",
    source: source.path,
    defaultBranch: "trunk",
    createdAt: expect.any(Number),
    host: hostname(),
    credential: "none",
    secrets: [],
  }
  expect(clean.body).toEqual({ ...repo, notices: [] })
  expect((await gateway.call("GET", "/v1/repos/clean")).body).toEqual(repo)
  await source.write({ "b.txt": "b\n" })
  expect((await register("dirty", source.path)).body).toMatchObject({ notices: ["source-dirty"] })
  const listed = await gateway.call("GET", "/v1/repos")
  expect((listed.body as { items: Repo[] }).items.map(({ name }) => name)).toEqual(["clean", "dirty", "shop"])
  const taken = await register("clean", source.path)
  expect([taken.status, taken.body]).toMatchObject([409, { code: "already-exists" }])
})

test("a default branch is taken by name, and must be there", async () => {
  await using source = await makeRepo({ files: { "a.txt": "a\n" } })
  await source.branch("next")
  const next = await register("next", source.path, { defaultBranch: "next" })
  expect(next.body).toMatchObject({ defaultBranch: "next" })
  const none = await register("none", source.path, { defaultBranch: "nowhere" })
  expect([none.status, none.body]).toMatchObject([422, { code: "base-not-found" }])
})

test("a source that is no repository, is empty, or cannot be reached is refused by its own code", async () => {
  await using folder = await makeTempFolder("twl-sources-")
  const empty = join(folder.path, "empty")
  const file = join(folder.path, "file.txt")
  await writeFile(file, "no repository\n")
  await runGit(folder.path, ["init", "--quiet", empty])
  const cases: [string, number, string][] = [
    [folder.path, 422, "repo-not-git"],
    [file, 422, "repo-not-git"],
    [empty, 422, "repo-empty"],
    [join(folder.path, "absent"), 422, "repo-unreachable"],
    ["https://127.0.0.1:9/x.git", 422, "repo-unreachable"],
  ]
  for (const [source, status, code] of cases) {
    const answer = await register("bad", source)
    expect([source, answer.status, answer.body]).toMatchObject([source, status, { code }])
  }
  expect((await gateway.call("GET", "/v1/repos/bad")).status).toBe(404)
})

test.each([
  "http://example.org/x.git",
  "git://example.org/x.git",
  "ext::sh -c touch",
  "https://user:secret@example.org/x.git",
  "file:///etc",
  "relative/path",
  "-oProxyCommand=x",
  "/tmp/../etc",
])("the source %s is refused before anything is asked", async source => {
  const answer = await register("bad", source)
  expect([answer.status, answer.body]).toMatchObject([422, { code: "invalid", errors: [{ path: "source" }] }])
})

test.each(["Shop", "a b", "../x", "x/y", "", "a..b", "-x"])("the name %j is refused", async name => {
  const answer = await register(name, gateway.source.path)
  expect([answer.status, answer.body]).toMatchObject([422, { code: "invalid" }])
})

test("credentials and secrets go in and never come out", async () => {
  await using source = await makeRepo({ files: { "a.txt": "a\n" } })
  const set = await gateway.call("PUT", "/v1/repos/private/credential", {
    kind: "token",
    token: "hunter-two",
  })
  expect(set.status).toBe(204)
  // A token serves only https, which the registration finds out: it was given before the repo was there.
  const wrong = await register("private", source.path)
  expect([wrong.status, wrong.body]).toMatchObject([422, { code: "repo-auth" }])
  expect((await gateway.call("DELETE", "/v1/repos/private/credential")).status).toBe(204)
  expect((await register("private", source.path)).status).toBe(201)
  const secret = await gateway.call("PUT", "/v1/repos/private/secrets/NPM_TOKEN", { value: "hunter-three" })
  expect(secret.status).toBe(204)
  const shown = await gateway.call("GET", "/v1/repos/private")
  expect(shown.body).toMatchObject({ credential: "none", secrets: ["NPM_TOKEN"] })
  await gateway.call("DELETE", "/v1/repos/private/secrets/NPM_TOKEN")
  expect((await gateway.call("GET", "/v1/repos/private")).body).toMatchObject({ secrets: [] })
  const bad = await gateway.call("PUT", "/v1/repos/private/secrets/A-B", { value: "x" })
  expect([bad.status, bad.body]).toMatchObject([404, { code: "not-found" }])
  expect(shown.text + wrong.text + gateway.log.join("")).not.toMatch(/hunter-/)
})

test("a repo with an open turn stays; without one it goes, and its tasks stay readable", async () => {
  await using source = await makeRepo({ files: { "a.txt": "a\n" } })
  await register("short", source.path)
  const { id } = await gateway.submit({ repo: "short" })
  const used = await gateway.call("DELETE", "/v1/repos/short")
  expect([used.status, used.body]).toMatchObject([409, { code: "repo-in-use" }])
  await gateway.call("POST", `/v1/tasks/${id}/cancel`)
  expect((await gateway.call("DELETE", "/v1/repos/short")).status).toBe(204)
  expect((await gateway.call("DELETE", "/v1/repos/short")).status).toBe(404)
  expect((await gateway.call("GET", `/v1/tasks/${id}`)).body).toMatchObject({
    repo: "short",
    status: "canceled",
  })
  const more = await gateway.call("POST", `/v1/tasks/${id}/turns`, { prompt: "more" })
  expect([more.status, more.body]).toMatchObject([404, { code: "not-found" }])
})

test("a base is found at once after a push, by branch, tag or commit, and behind counts what came after", async () => {
  await using source = await makeRepo({ files: { "a.txt": "a\n" } })
  await register("moving", source.path)
  const first = await source.sha()
  const { id } = await gateway.submit({ repo: "moving" })
  await source.branch("topic")
  const topic = await source.commit({ "b.txt": "b\n" })
  await source.git("tag", "v1")
  const baseOf = async (base: string) => {
    const { body } = await gateway.call("POST", "/v1/tasks", { repo: "moving", prompt: "x", base })
    return (body as Task).base
  }
  expect(await Promise.all(["topic", "v1", topic, topic.slice(0, 10), first].map(baseOf))).toEqual([
    topic,
    topic,
    topic,
    topic,
    first,
  ])
  const shown = async () => (await gateway.call("GET", `/v1/tasks/${id}`)).body as Task
  expect(await shown()).toMatchObject({ base: first, behind: 0 })
  await source.git("checkout", "--quiet", "main")
  await source.commit({ "c.txt": "c\n" })
  await expect.poll(async () => (await shown()).behind).toBe(1)
})

test("a source that vanished is no reason to refuse what the mirror has", async () => {
  const source = await makeRepo({ files: { "a.txt": "a\n" } })
  await register("gone", source.path)
  await rm(source.path, { recursive: true })
  expect((await gateway.submit({ repo: "gone" })).id).toMatch(/^task_/)
  const other = await gateway.call("POST", "/v1/tasks", { repo: "gone", prompt: "x", base: "new" })
  expect([other.status, other.body]).toMatchObject([422, { code: "repo-unreachable" }])
  await source[Symbol.asyncDispose]()
})

test("a credential that a repo's source can't be asked with is refused, and one for a repo that is not there yet is kept", async () => {
  await gateway.call("POST", "/v1/repos", { name: "bypath", source: gateway.source.path })
  const token = { kind: "token", token: "t0ken-canary" }
  const refused = await gateway.call("PUT", "/v1/repos/bypath/credential", token)
  expect(refused).toMatchObject({ status: 422, body: { code: "invalid", errors: [{ path: "kind" }] } })
  expect(JSON.stringify(refused.body)).not.toContain("t0ken-canary")
  expect((await gateway.call("GET", "/v1/repos/bypath")).body).toMatchObject({ credential: "none" })
  expect((await gateway.call("PUT", "/v1/repos/notyet/credential", token)).status).toBe(204)
})
