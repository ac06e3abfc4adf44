import { cardOf, discordPoster, openDiscordThread, text } from "@twolane/chat"
import { discordApplication, discordToken } from "@twolane/testkit/chat/discord-double"
import { discordBot } from "@twolane/testkit/chat/discord-gateway-double"
import type { Mishap } from "@twolane/testkit/chat/slack-double"
import { afterEach, beforeEach, expect, test } from "vitest"
import { channel, type DiscordTeam, member, openDiscordTeam } from "./discord-team.ts"
import { runByWord } from "./turns.ts"

let team: DiscordTeam
beforeEach(async () => {
  team = await openDiscordTeam()
  await team.gateway.work(runByWord)
})
afterEach(() => team[Symbol.asyncDispose]())

const limited: Mishap = { instead: { status: 429, headers: { "retry-after": "1.5" } } }
const broken: Mishap = { instead: { status: 503 } }

test.each<[string, string, Mishap[]]>([
  ["asks to wait", "/messages", [limited, limited]],
  ["is broken", "/messages", [broken, { instead: { status: 500 } }]],
  ["answers too late", "/messages", [{ after: "hang" }]],
  ["opens no thread for now", "/threads", [limited, broken]],
  ["does not say for now where something was written", `/channels/${channel}`, [limited, broken]],
])("while Discord %s the task runs, and each message is there once", async (_what, path, mishaps) => {
  await expect.poll(() => team.discord.gateway.connected()).toBe(1)
  team.discord.next(path, ...mishaps)
  team.discord.gateway.write({
    user: member,
    channel,
    text: `<@${discordBot}> in shop, deep: mend omicron`,
  })
  await expect.poll(async () => (await team.tasks()).map(({ status }) => status)).toEqual(["succeeded"])
  await expect.poll(() => team.said(channel).join()).toContain("Succeeded")
  const thread = team.root("omicron")?.id ?? ""
  await expect.poll(() => team.said(thread).length).toBe(1)
  expect([team.said(channel).length, team.discord.threads.length]).toEqual([1, 1])
})

test("what is written in a thread before we hear that it is open is heard", async () => {
  const { discord } = team
  await expect.poll(() => discord.gateway.connected()).toBe(1)
  discord.next("/threads", { after: "drop" }, broken, broken)
  discord.gateway.write({ user: member, channel, text: `<@${discordBot}> in shop, deep: mend omicron` })
  await expect.poll(() => discord.threads.length).toBe(1)
  const thread = discord.threads[0]?.message ?? ""
  discord.gateway.write({ user: member, channel: thread, text: "and more of it" })
  await expect
    .poll(async () => (await team.tasks()).map(({ turns }) => turns.map(({ prompt }) => prompt)))
    .toEqual([["mend omicron", "and more of it"]])
  await expect.poll(() => team.said(thread).join()).toContain("the next one")
})

test("a message whose thread is open is found where it stands: outside of the thread", async () => {
  const { discord } = team
  const access = { apiUrl: discord.url, token: discordToken, applicationId: discordApplication }
  const poster = discordPoster(access)
  const place = { platform: "discord", workspace: "", channel } as const
  const { signal } = new AbortController()
  const posted = await poster.post(
    place,
    { key: "discord/status/x", card: cardOf([text("It waits.")]) },
    signal,
  )
  const sentAs = posted.ok ? posted.sentAs : ""
  expect(await openDiscordThread(access, { channel, message: sentAs, name: "x" }, signal)).toMatchObject({
    ok: true,
  })
  const within = { ...place, thread: sentAs }
  expect(await poster.find(within, "discord/status/x", Date.now(), signal)).toEqual({ ok: true, sentAs })
  expect(await poster.find(within, "discord/status/y", Date.now(), signal)).toEqual({
    ok: true,
    sentAs: null,
  })
})
