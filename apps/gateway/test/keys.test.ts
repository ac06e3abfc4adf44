import { randomBytes } from "node:crypto"
import type { Key, SignInLink } from "@twolane/protocol"
import { openStore } from "@twolane/store"
import { afterAll, beforeAll, expect, test } from "vitest"
import { openBrowser } from "./browser.ts"
import { keyOf } from "./keys-of.ts"
import { type OpenGateway, openGateway } from "./open-gateway.ts"
import { readStream } from "./read-stream.ts"
import { redisText } from "./redis-text.ts"

let gateway: OpenGateway
beforeAll(async () => {
  gateway = await openGateway()
})
afterAll(() => gateway[Symbol.asyncDispose]())

const listed = async (): Promise<Key[]> => {
  const { body } = await gateway.call("GET", "/v1/keys")
  return (body as { items: Key[] }).items
}

test("a key is shown once, names its owner everywhere, and no trace of it is kept", async () => {
  const { secret, call, ...ada } = await keyOf(gateway, { name: "Ada", email: "ada@example.com" })
  expect(ada).toEqual({
    id: expect.stringMatching(/^key_[0-9a-z]{26}$/),
    team: "default",
    name: "Ada",
    email: "ada@example.com",
    role: "member",
    createdAt: expect.any(Number),
    createdBy: { key: expect.stringMatching(/^key_/), name: "admin" },
  })
  expect(secret).toMatch(/^twl_[\w-]{43}$/)
  const task = await call("POST", "/v1/tasks", { repo: "shop", prompt: "x", lane: "deep" })
  expect([task.status, task.body]).toMatchObject([202, { by: { key: ada.id, name: "Ada" }, team: "default" }])
  expect((await call("GET", "/v1/me")).body).toEqual({
    key: { id: ada.id, name: "Ada", email: "ada@example.com" },
    team: "default",
    role: "member",
    operates: false,
    session: null,
  })
  await expect.poll(async () => (await listed())[0]).toEqual({ ...ada, lastUsedAt: expect.any(Number) })
  expect((await redisText(gateway.redis.url)) + gateway.log.join("")).not.toContain(secret)
})

test("a request that is sent again is told the same secret, which Redis cannot tell", async () => {
  const again = { "idempotency-key": "once-0123456789" }
  const wish = { name: "Bob", role: "viewer" }
  const first = await gateway.call("POST", "/v1/keys", wish, again)
  const second = await gateway.call("POST", "/v1/keys", wish, again)
  expect([second.status, second.body]).toEqual([201, first.body])
  expect(second.headers.get("idempotent-replay")).toBe("true")
  expect(await redisText(gateway.redis.url)).not.toContain((first.body as { secret: string }).secret)
  expect((await listed()).filter(({ name }) => name === "Bob")).toHaveLength(1)
})

test("a key that is revoked in another process ends its requests, sessions and streams within 5 s", async () => {
  const eve = await keyOf(gateway, { name: "Eve" })
  const { body } = await gateway.call("POST", "/v1/sign-in-links", { key: eve.id })
  const browser = openBrowser(gateway)
  const token = new URL((body as SignInLink).url).hash.slice(1)
  expect((await browser.send("POST", "/v1/session", { token })).body).toMatchObject({ key: { name: "Eve" } })
  await using byKey = await readStream(`${gateway.url}/v1/events`, { authorization: `Bearer ${eve.secret}` })
  await using bySession = await readStream(`${gateway.url}/v1/events`, { cookie: browser.cookie ?? "" })
  const authorization = "Bearer tl_test_0123456789abcdef"
  await using other = await readStream(`${gateway.url}/v1/events`, { authorization })
  await Promise.all([byKey, bySession, other].map(stream => stream.until(() => stream.comments.length > 0)))

  await using elsewhere = await openStore({
    url: gateway.redis.url,
    secretKey: randomBytes(32).toString("base64url"),
    onError: error => void gateway.log.push(String(error)),
  })
  expect(await elsewhere.access.revokeKey("default", eve.id)).toBe(true)
  await Promise.all([byKey.ended, bySession.ended])
  expect((await eve.call("GET", "/v1/me")).status).toBe(401)
  expect((await browser.send("GET", "/v1/me")).status).toBe(401)
  expect((await gateway.call("DELETE", `/v1/keys/${eve.id}`)).status).toBe(404)

  const { id } = await gateway.submit()
  await other.until(() => other.messages.some(({ data }) => data.includes(id)))
})

test("revoked here it opens nothing at once, and one that expired opens nothing either", async () => {
  const mallory = await keyOf(gateway, { name: "Mallory" })
  expect((await mallory.call("GET", "/v1/me")).status).toBe(200)
  expect((await gateway.call("DELETE", `/v1/keys/${mallory.id}`)).status).toBe(204)
  expect((await mallory.call("GET", "/v1/me")).status).toBe(401)
  const late = await keyOf(gateway, { name: "Late", expiresAt: Date.now() - 1 })
  expect((await late.call("GET", "/v1/me")).status).toBe(401)
})

test("an invitation is for a key of the team, and only admins make one", async () => {
  const dan = await keyOf(gateway, { name: "Dan" })
  const member = await keyOf(gateway, { name: "Kim" })
  const asMember = await member.call("POST", "/v1/sign-in-links", { key: dan.id })
  expect([asMember.status, asMember.body]).toMatchObject([403, { code: "forbidden", needs: "admin" }])
  expect((await member.call("POST", "/v1/sign-in-links")).status).toBe(201)

  const admin = await keyOf(gateway, { name: "Root", role: "admin" })
  expect((await admin.call("POST", "/v1/sign-in-links", { key: dan.id })).status).toBe(201)
  const me = (await gateway.call("GET", "/v1/me")).body as { key: { id: string } }
  // Nobody becomes the first key by a link of somebody else.
  expect((await admin.call("POST", "/v1/sign-in-links", { key: me.key.id })).status).toBe(404)
})

test.each([
  [{ name: "" }, "name"],
  [{ name: "Eve <eve@example.com>" }, "name"],
  [{ name: "a\u202eb" }, "name"],
  [{ name: "x", email: "not an address" }, "email"],
  [{ name: "x", role: "owner" }, "role"],
  [{ name: "x", team: "../default" }, "team"],
  [{ name: "x", admin: true }, "admin"],
])("a key %j is refused for its %s", async (wish, path) => {
  const { status, body } = await gateway.call("POST", "/v1/keys", wish)
  expect([status, body]).toMatchObject([422, { code: "invalid", errors: [{ path }] }])
})
