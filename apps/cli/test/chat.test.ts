import { neverAborted, readConfig } from "@twolane/common"
import type { ChatChannel, ChatLink, Key } from "@twolane/protocol"
import { type House, startHouse, startModel } from "@twolane/testkit"
import {
  discordApplication,
  discordPublicKey,
  discordToken,
  startDiscord,
} from "@twolane/testkit/chat/discord-double"
import { slackSecret, slackToken, startSlack } from "@twolane/testkit/chat/slack-double"
import { afterAll, beforeAll, expect, test } from "vitest"
import { checkChat } from "../src/doctor/chat.ts"
import { caller } from "./twolane.ts"

let model: Awaited<ReturnType<typeof startModel>>
let house: House
let twolane = caller({})

beforeAll(async () => {
  model = await startModel({ script: () => ({ items: [] }) })
  house = await startHouse({ modelUrl: model.url })
  twolane = caller({ TWOLANE_URL: house.url, TWOLANE_API_KEY: house.apiKey })
})
afterAll(async () => {
  await house?.[Symbol.asyncDispose]()
  await model?.stop()
})

test("people are linked by ids and codes, and unlinked", async () => {
  const code = await twolane(["chat", "code"])
  expect([code.code, code.out.trim()]).toEqual([0, expect.stringMatching(/^\w{4}-\w{4}-\w{4}$/)])
  expect(code.notes).toContain(`/twolane link ${code.out.trim()}`)
  const key = JSON.parse((await twolane(["keys", "add", "Ann", "--json"])).out) as Key
  const linked = await twolane(["chat", "link", "slack", "T1", "U1", "--key", key.id])
  expect([linked.code, linked.out]).toEqual([0, expect.stringContaining(`slack/T1/U1  is  ${key.id}`)])
  const { items } = JSON.parse((await twolane(["chat", "--json"])).out) as { items: ChatLink[] }
  expect(items).toMatchObject([{ platform: "slack", workspace: "T1", user: "U1", key: key.id }])
  expect((await twolane(["chat", "link", "slack", "T1", "@ann", "--key", key.id])).code).toBe(2)
  expect((await twolane(["chat", "unlink", "slack", "T1", "U1"])).code).toBe(0)
  expect((await twolane(["chat", "unlink", "slack", "T1", "U1"])).code).toBe(1)
})

test("a channel gets a repo, and has none again", async () => {
  const set = (...more: string[]) => twolane(["chat", "channel", "slack", "T1", "C1", ...more])
  expect((await set("--repo", "nowhere")).code).toBe(1)
  expect((await set()).code).toBe(2)
  const { items } = JSON.parse((await twolane(["chat", "channels", "--json"])).out) as {
    items: ChatChannel[]
  }
  expect(items).toEqual([])
})

test("doctor says who we are on each platform, and that a token is refused", async () => {
  await using slack = await startSlack()
  await using discord = await startDiscord()
  const config = readConfig({
    TWOLANE_SLACK_SIGNING_SECRET: slackSecret,
    TWOLANE_SLACK_BOT_TOKEN: slackToken,
    TWOLANE_SLACK_API_URL: slack.apiUrl,
    TWOLANE_DISCORD_PUBLIC_KEY: discordPublicKey,
    TWOLANE_DISCORD_BOT_TOKEN: discordToken,
    TWOLANE_DISCORD_APPLICATION_ID: discordApplication,
    TWOLANE_DISCORD_API_URL: discord.url,
  })
  expect(await checkChat(config, neverAborted())).toEqual([
    { check: "slack", verdict: "ok", detail: "it knows us as twolane in The Team (T1)" },
    { check: "discord", verdict: "ok", detail: "it knows us as twolane" },
    { check: "chat links", verdict: "warn", detail: expect.stringContaining("TWOLANE_PUBLIC_URL") },
  ])
  slack.next("auth.test", { instead: { json: { ok: false, error: "invalid_auth" } } })
  discord.next("/users/@me", { instead: { status: 401, json: { code: 0, message: "401: Unauthorized" } } })
  const refused = await checkChat(config, neverAborted())
  expect(refused.map(({ verdict }) => verdict)).toEqual(["bad", "bad", "warn"])
  expect(refused[0]?.detail).toBe("it refuses TWOLANE_SLACK_BOT_TOKEN: invalid_auth")
})
