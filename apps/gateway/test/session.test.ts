import type { Me, SignInLink } from "@twolane/protocol"
import { afterAll, beforeAll, expect, test } from "vitest"
import { openBrowser, signIn } from "./browser.ts"
import { type OpenGateway, openGateway } from "./open-gateway.ts"
import { redisText } from "./redis-text.ts"

let gateway: OpenGateway
beforeAll(async () => {
  gateway = await openGateway({ env: { TWOLANE_PUBLIC_URL: "https://twolane.example.com" } })
})
afterAll(() => gateway[Symbol.asyncDispose]())

const newLink = async (): Promise<SignInLink> => {
  const { body, status } = await gateway.call("POST", "/v1/sign-in-links")
  expect(status).toBe(201)
  return body as SignInLink
}
const tokenOf = ({ url }: SignInLink): string => new URL(url).hash.slice(1)
const codeOf = ({ status, body }: { status: number; body: unknown }) => [
  status,
  (body as { code?: string }).code,
]

test("a link signs in once, and the cookie then stands for the key", async () => {
  const browser = openBrowser(gateway)
  const link = await newLink()
  expect(link).toEqual({
    url: expect.stringMatching(/^https:\/\/twolane\.example\.com\/sign-in#[\w-]{43}$/),
    expiresAt: expect.any(Number),
  })
  const token = tokenOf(link)
  const signedIn = await browser.send("POST", "/v1/session", { token })
  const me = {
    key: { id: expect.stringMatching(/^key_/), name: "admin" },
    team: "default",
    role: "admin",
    operates: true,
    session: { csrf: expect.any(String), signedInAt: expect.any(Number), endsAt: expect.any(Number) },
  }
  expect([signedIn.status, signedIn.body]).toEqual([200, me])
  expect(signedIn.headers["set-cookie"]).toEqual([
    expect.stringMatching(/^twolane_\d+=[\w-]{43}; Path=\/; Max-Age=1209600; HttpOnly; SameSite=Strict$/),
  ])
  browser.csrf = (signedIn.body as Me).session?.csrf ?? null
  expect((await browser.send("GET", "/v1/me")).body).toEqual(signedIn.body)
  expect((await browser.send("POST", "/v1/tasks", { repo: "shop", prompt: "x", lane: "deep" })).status).toBe(
    202,
  )

  const again = await openBrowser(gateway).send("POST", "/v1/session", { token })
  expect(codeOf(again)).toEqual([401, "link-not-valid"])
})

test("what Redis and the log hold opens nothing", async () => {
  const browser = openBrowser(gateway)
  const used = await newLink()
  await browser.send("POST", "/v1/session", { token: tokenOf(used) })
  const open = await newLink()
  const secrets = [tokenOf(used), tokenOf(open), browser.cookie?.split("=")[1] ?? "none"]
  const kept = (await redisText(gateway.redis.url)) + gateway.log.join("")
  for (const secret of secrets) expect(kept).not.toContain(secret)
})

test("an effect needs the session's word and our own origin; a key needs neither", async () => {
  const browser = openBrowser(gateway)
  await signIn(gateway, browser)
  const { id } = await gateway.submit()
  const cancel = (headers: Record<string, string | null>) =>
    browser.send("POST", `/v1/tasks/${id}/cancel`, {}, headers)
  const foreign = [403, "foreign-origin"]
  expect(codeOf(await cancel({ "x-twolane-csrf": null }))).toEqual(foreign)
  expect(codeOf(await cancel({ "x-twolane-csrf": "guessed" }))).toEqual(foreign)
  expect(codeOf(await cancel({ origin: "http://evil.example" }))).toEqual(foreign)
  expect(codeOf(await cancel({ origin: "null" }))).toEqual(foreign)
  expect(codeOf(await cancel({ origin: null }))).toEqual(foreign)
  expect(codeOf(await cancel({ "sec-fetch-site": "same-site" }))).toEqual(foreign)
  // A page on another port shares our cookies.
  const port = Number(new URL(gateway.url).port) + 1
  expect(codeOf(await cancel({ origin: `http://127.0.0.1:${port}` }))).toEqual(foreign)
  const read = (site: string) => browser.send("GET", "/v1/me", undefined, { "sec-fetch-site": site })
  expect(codeOf(await read("cross-site"))).toEqual(foreign)
  expect(codeOf(await read("none"))).toEqual([200, undefined])
  const upgrade = { connection: "upgrade", upgrade: "websocket", origin: "http://evil.example" }
  expect(codeOf(await browser.send("GET", "/v1/live", undefined, upgrade))).toEqual(foreign)
  expect(await gateway.types(id)).toEqual(["task.created", "turn.queued"])
  expect(codeOf(await cancel({}))).toEqual([202, undefined])

  const byKey = await gateway.call("POST", `/v1/tasks/${id}/discard`, {}, { origin: "http://evil.example" })
  expect(byKey.status).toBe(200)
})

test("a session answers under our own names alone, over TLS with a cookie of its own", async () => {
  const { port } = new URL(gateway.url)
  const secure = openBrowser(gateway, "twolane.example.com", "https")
  const { body } = await gateway.call("POST", "/v1/sign-in-links")
  const token = tokenOf(body as SignInLink)
  const signedIn = await secure.send("POST", "/v1/session", { token })
  expect(signedIn.headers["set-cookie"]).toEqual([
    expect.stringMatching(
      /^__Host-twolane=[\w-]{43}; Path=\/; Max-Age=1209600; HttpOnly; SameSite=Strict; Secure$/,
    ),
  ])
  expect((await secure.send("GET", "/v1/me")).status).toBe(200)
  for (const host of [`localhost:${port}`, `[::1]:${port}`, "192.0.2.7"]) {
    const local = openBrowser(gateway, host)
    await signIn(gateway, local)
    expect((await local.send("GET", "/v1/me")).status).toBe(200)
  }
  for (const host of ["evil.example", `127.0.0.1.nip.example:${port}`, "twolane.example.com:81", "a b"]) {
    const rebound = openBrowser(gateway, host)
    rebound.cookie = secure.cookie
    const answers = [
      await rebound.send("POST", "/v1/session", { token }),
      await rebound.send("GET", "/v1/me"),
    ]
    expect(answers.map(codeOf)).toEqual([
      [421, "unknown-host"],
      [421, "unknown-host"],
    ])
  }
})

test("signing out ends the session everywhere, and leaves other browsers in", async () => {
  const [one, two] = [openBrowser(gateway), openBrowser(gateway)]
  await signIn(gateway, one)
  await signIn(gateway, two)
  const { cookie } = one
  const out = await one.send("DELETE", "/v1/session")
  expect([out.status, out.headers["set-cookie"]]).toEqual([
    204,
    [expect.stringMatching(/^twolane_\d+=; Path=\/; Max-Age=0; HttpOnly; SameSite=Strict$/)],
  ])
  expect(one.cookie).toBe(null)
  one.cookie = cookie
  expect(codeOf(await one.send("GET", "/v1/me"))).toEqual([401, "unauthorized"])
  expect((await two.send("GET", "/v1/me")).status).toBe(200)
  expect((await two.send("DELETE", "/v1/sessions")).status).toBe(204)
  const three = openBrowser(gateway)
  await signIn(gateway, three)
  expect((await three.send("GET", "/v1/me")).status).toBe(200)
  expect(codeOf(await gateway.call("DELETE", "/v1/session"))).toEqual([404, "not-found"])
})
