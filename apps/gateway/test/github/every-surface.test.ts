import type { Key } from "@twolane/protocol"
import {
  type GithubHouse,
  hasOpenssl,
  makeLibrary,
  patching,
  playing,
  startGithubHouse,
  startModel,
  sumPatch,
} from "@twolane/testkit"
import {
  type DiscordDouble,
  type DiscordMessage,
  discordApplication,
  discordClick,
  discordCommand,
  discordPublicKey,
  discordToken,
  startDiscord,
} from "@twolane/testkit/chat/discord-double"
import {
  type SlackDouble,
  slackClick,
  slackMention,
  slackSecret,
  slackToken,
  startSlack,
} from "@twolane/testkit/chat/slack-double"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { buttonsOf, wordsOf } from "../chat/slack-team.ts"
import { callTool, connectMcp } from "../mcp/connect.ts"

const server = "400000000000000001"
const user = "500000000000000001"

// At GitHub itself every turn publishes: conversation.test.ts. By HTTP: the deep worker's tests; by the command line and on the page: theirs.
describe.runIf(hasOpenssl())("a pull request is opened from every surface (needs openssl)", () => {
  const stack = new AsyncDisposableStack()
  let at: GithubHouse
  let slack: SlackDouble
  let discord: DiscordDouble

  beforeAll(async () => {
    const library = stack.use(await makeLibrary())
    const script = playing({ mend: patching(sumPatch("a - b", "a + b")) })
    const model = stack.use(await startModel({ script }))
    slack = stack.use(await startSlack())
    discord = stack.use(await startDiscord())
    const env = {
      TWOLANE_SLACK_SIGNING_SECRET: slackSecret,
      TWOLANE_SLACK_BOT_TOKEN: slackToken,
      TWOLANE_SLACK_API_URL: slack.apiUrl,
      TWOLANE_DISCORD_PUBLIC_KEY: discordPublicKey,
      TWOLANE_DISCORD_BOT_TOKEN: discordToken,
      TWOLANE_DISCORD_APPLICATION_ID: discordApplication,
      TWOLANE_DISCORD_API_URL: discord.url,
    }
    at = stack.use(await startGithubHouse(library, { modelUrl: model.url, env }))
    const key = (await at.house.call("POST", "/v1/keys", { name: "Mem", role: "member" })).body as Key
    for (const who of [
      { platform: "slack", workspace: "T1", user: "U1" },
      { platform: "discord", workspace: server, user },
    ])
      await at.house.call("POST", "/v1/chat/links", { ...who, key: key.id })
  })
  afterAll(() => stack.disposeAsync())

  const send = async (
    platform: string,
    { body, headers }: { body: string; headers: Record<string, string> },
  ) => (await fetch(`${at.house.url}/integrations/${platform}`, { method: "POST", body, headers })).status
  const pulls = () => at.github.state.pulls.map(({ number }) => number)

  test("from Slack, by a switch or by a button", async () => {
    const before = pulls().length
    const end = (thread: string) =>
      slack.messages.find(message => message.thread === thread && message.key?.startsWith("slack/end/"))
    const order = async (ts: string, text: string) => {
      expect(await send("slack", slackMention({ user: "U1", channel: "C1", ts }, text))).toBe(200)
      await expect.poll(() => wordsOf(end(ts))).toContain("Succeeded")
    }
    await order("1797000000.000001", "in shop, deep: --pr [mend] it")
    await expect.poll(() => wordsOf(end("1797000000.000001"))).toContain("/pull/")
    await order("1797000000.000002", "in shop, deep: [mend] it")
    const press = async (name: string, wanted: string) => {
      const last = end("1797000000.000002")
      const { id = "", value = "" } = (last && buttonsOf(last).find(({ label }) => label === wanted)) ?? {}
      const clicked = { id, value, responseUrl: slack.responseUrl(name) }
      await send("slack", slackClick({ user: "U1", channel: "C1", thread: "1797000000.000002" }, clicked))
      return expect.poll(() => slack.asides.find(({ to }) => to === name)?.text)
    }
    await (await press("diff", "Show diff")).toContain("`src/sum.js` modified, +1 -1")
    await (await press("pull", "Open pull request")).toContain("has a pull request")
    await expect.poll(() => wordsOf(end("1797000000.000002"))).toContain("/pull/")
    expect(pulls().length - before).toBe(2)
  })

  test("from Discord, by a switch or by a button", async () => {
    const before = pulls().length
    const words = (message: DiscordMessage | undefined) => JSON.stringify(message?.body.embeds ?? "")
    const end = (channel: string) => {
      const thread = discord.threads.find(each => each.channel === channel)?.message
      return discord.messages.find(each => each.channel === thread)
    }
    const order = async (channel: string, text: string) => {
      expect(await send("discord", discordCommand({ user, channel, token: channel }, text))).toBe(200)
      await expect.poll(() => words(end(channel))).toContain("Succeeded")
    }
    const [first, second] = ["600000000000000001", "600000000000000002"]
    await order(first, "in shop, deep: --pr [mend] it")
    await expect.poll(() => words(end(first))).toContain("/pull/")
    await order(second, "in shop, deep: [mend] it")
    const thread = end(second)?.channel ?? ""
    const button = end(second)
      ?.body.components.flatMap(({ components }) => components)
      .find(({ label }) => label === "Open pull request")
    const saying = { user, channel: second, thread, token: "pull" }
    await send("discord", discordClick(saying, button?.custom_id ?? ""))
    await expect
      .poll(() => discord.asides.find(({ token }) => token === "pull")?.text)
      .toContain("has a pull request")
    await expect.poll(() => words(end(second))).toContain("/pull/")
    expect(pulls().length - before).toBe(2)
  })

  test("by MCP, with the order or by accept", async () => {
    const before = pulls().length
    await using client = await connectMcp(at.house.url, at.house.apiKey)
    const run = async (more: Record<string, unknown>): Promise<string> => {
      const { value } = await callTool(client, "submit", {
        repo: "shop",
        lane: "deep",
        prompt: "[mend] it",
        ...more,
      })
      await callTool(client, "watch", { task: value.id, seconds: 60 })
      return String(value.id)
    }
    const published = await callTool(client, "get", { task: await run({ publish: "pull_request" }) })
    expect(published.text).toContain("/pull/")
    const accepted = await callTool(client, "accept", { task: await run({}), how: "pull_request" })
    expect([accepted.refused, accepted.text]).toEqual([false, expect.stringContaining("/pull/")])
    expect(pulls().length - before).toBe(2)
  })
})
