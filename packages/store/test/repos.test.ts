import { randomBytes } from "node:crypto"
import { Redis } from "ioredis"
import { afterAll, afterEach, beforeAll, expect, test } from "vitest"
import type { Store } from "../src/index.ts"
import { makeCrypt } from "../src/team/crypt.ts"
import { type Bench, ended, newTask, repoOf, startBench, team } from "./open-for-test.ts"

let bench: Bench
let store: Store
beforeAll(async () => {
  bench = await startBench()
  store = await bench.open()
})
afterAll(() => bench[Symbol.asyncDispose]())
afterEach(() => bench.expectNoErrors())

test("repos are created once, listed by name, and deleted with what belongs to them", async () => {
  for (const name of ["b", "a", "c"]) expect(await store.createRepo(repoOf(name))).toBe(true)
  expect(await store.createRepo(repoOf("a"))).toBe(false)
  const first = await store.repos(team, { limit: 2 })
  expect(first.items.map(({ name }) => name)).toEqual(["a", "b"])
  const rest = await store.repos(team, { limit: 2, cursor: first.nextCursor ?? "" })
  expect(rest.items.map(({ name }) => name)).toEqual(["c"])
  await store.setSecret(team, "b", "NPM_TOKEN", "s3cret")
  expect([await store.deleteRepo(team, "b"), await store.deleteRepo(team, "b")]).toEqual([true, false])
  expect(await store.repo(team, "b")).toBeNull()
  expect(await store.secrets(team, "b")).toEqual({})
  expect(await store.repo("other", "a")).toBeNull()
})

test("credentials and secrets come back as they were, and nothing of them is readable in Redis", async () => {
  await store.createRepo(repoOf("private"))
  await store.setCredential(team, "private", { kind: "ssh", privateKey: "first-key" })
  await store.setCredential(team, "private", { kind: "token", token: "ghp_canary" })
  await store.setSecret(team, "private", "NPM_TOKEN", "npm_canary")
  expect(await store.credential(team, "private")).toEqual({ kind: "token", token: "ghp_canary" })
  expect(await store.secrets(team, "private")).toEqual({ NPM_TOKEN: "npm_canary" })
  expect(await store.repo(team, "private")).toMatchObject({ credential: "token", secrets: ["NPM_TOKEN"] })
  const redis = new Redis(bench.url)
  const kept = JSON.stringify(await redis.hgetall(`tl:{team:${team}}:repo:private`))
  redis.disconnect()
  expect(kept).not.toMatch(/canary|first-key/)
  await store.setCredential(team, "private", null)
  await store.setSecret(team, "private", "NPM_TOKEN", null)
  expect([await store.credential(team, "private"), await store.secrets(team, "private")]).toEqual([null, {}])
})

test("a sealed value opens only under its own name and key", () => {
  const crypt = makeCrypt(randomBytes(32).toString("base64url"))
  const sealed = crypt.seal("default/shop/cred", "token")
  expect(crypt.open("default/shop/cred", sealed)).toBe("token")
  expect(crypt.seal("default/shop/cred", "token")).not.toBe(sealed)
  expect(() => crypt.open("default/other/cred", sealed)).toThrow("authenticate")
  expect(() => makeCrypt(randomBytes(32).toString("base64url")).open("default/shop/cred", sealed)).toThrow(
    "authenticate",
  )
  expect(() => makeCrypt("short")).toThrow("32 bytes")
})

test("an idempotency key is reserved once, replayed with its answer, and never mixed up", async () => {
  expect(await store.reserve("alice", "k", "body", "task_1")).toEqual({ state: "new" })
  expect(await store.reserve("alice", "k", "body", "task_2")).toMatchObject({
    state: "reserved",
    subject: "task_1",
  })
  expect(await store.reserve("alice", "k", "other", "task_2")).toEqual({ state: "conflict" })
  expect(await store.reserve("bob", "k", "other", "task_3")).toEqual({ state: "new" })
  const answer = { status: 202, body: { id: "task_1" }, headers: { location: "/v1/tasks/task_1" } }
  await store.settle("alice", "k", answer)
  await store.unreserve("alice", "k")
  expect(await store.reserve("alice", "k", "body", "task_2")).toEqual({ state: "replay", ...answer })
  await store.unreserve("bob", "k")
  expect(await store.reserve("bob", "k", "again", "task_4")).toEqual({ state: "new" })
})

test("a hundred requests with one key: one is first", async () => {
  const answers = await Promise.all(
    Array.from({ length: 100 }, (_, index) => store.reserve("c", "one", "body", `task_${index}`)),
  )
  expect(answers.filter(({ state }) => state === "new")).toHaveLength(1)
})

test("no text of a user stands in a key", async () => {
  const task = newTask({ labels: ["label canary"], prompt: "prompt canary", repo: "keys" })
  await store.create(task)
  await store.change({ ...task, decide: () => [ended(task.turn)] })
  await store.reserve("caller canary", "key canary", "b", "s")
  const redis = new Redis(bench.url)
  const keys = await redis.keys("*")
  redis.disconnect()
  expect(keys.filter(key => key.includes("canary"))).toEqual([])
  expect(keys.every(key => /^tl:\{[^{}]+\}:/.test(key))).toBe(true)
})
