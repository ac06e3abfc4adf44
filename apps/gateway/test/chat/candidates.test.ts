import type { Group, Key, Task } from "@twolane/protocol"
import {
  call,
  callsOf,
  type House,
  libraryFiles,
  makeRepo,
  mendUnlessWrong,
  playing,
  raceForFast,
  say,
  startHouse,
  startModel,
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
  type SlackMessage,
  slackClick,
  slackCommand,
  slackMention,
  slackReply,
  slackSecret,
  slackToken,
  startSlack,
} from "@twolane/testkit/chat/slack-double"
import { afterAll, beforeAll, expect, test } from "vitest"
import { buttonsOf, wordsOf } from "./slack-team.ts"

const server = "400000000000000001"
const channel = "600000000000000001"
const user = "500000000000000001"

const stack = new AsyncDisposableStack()
let house: House
let slack: SlackDouble
let discord: DiscordDouble

beforeAll(async () => {
  const repo = stack.use(await makeRepo({ files: libraryFiles }))
  const script = playing({
    mend: mendUnlessWrong,
    race: raceForFast,
    wait: seen =>
      callsOf(seen, "shell") === 0 ? call(["shell", { command: "sleep 60" }]) : say("It waited."),
    talk: () => say("There is nothing to do."),
  })
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
  house = stack.use(await startHouse({ modelUrl: model.url, env, fastWorkers: 1 }))
  await house.call("POST", "/v1/repos", { name: "shop", source: repo.path })
  const key = (await house.call("POST", "/v1/keys", { name: "Mem", role: "member" })).body as Key
  for (const who of [
    { platform: "slack", workspace: "T1", user: "U1" },
    { platform: "discord", workspace: server, user },
  ])
    await house.call("POST", "/v1/chat/links", { ...who, key: key.id })
})
afterAll(() => stack.disposeAsync())

const send = async (platform: string, { body, headers }: { body: string; headers: Record<string, string> }) =>
  (await fetch(`${house.url}/integrations/${platform}`, { method: "POST", body, headers })).status
const mention = (ts: string, text: string) =>
  send("slack", slackMention({ user: "U1", channel: "C1", ts }, text))
const reply = (thread: string, text: string) =>
  send("slack", slackReply({ user: "U1", channel: "C1", thread }, text))
const about = (kind: string, thread: string): SlackMessage[] =>
  slack.messages.filter(message => message.thread === thread && message.key?.startsWith(`slack/${kind}/`))
const words = (kind: string, thread: string) => about(kind, thread).map(wordsOf).join()
const labels = (kind: string, thread: string) =>
  about(kind, thread)
    .flatMap(buttonsOf)
    .map(({ label }) => label)
const press = async (thread: string, label: string) => {
  const pressed = about("group", thread)
    .flatMap(buttonsOf)
    .find(each => each.label === label)
  const { id = "", value = "" } = pressed ?? {}
  const responseUrl = slack.responseUrl(`${label}-${thread}`)
  await send("slack", slackClick({ user: "U1", channel: "C1", thread }, { id, value, responseUrl }))
}
const tasksWith = async (word: string): Promise<Task[]> => {
  const { body } = await house.call("GET", `/v1/tasks?q=${encodeURIComponent(word)}`)
  return (body as { items: Task[] }).items
}
const groupWith = async (word: string): Promise<Group> => {
  const [task] = await tasksWith(word)
  return (await house.call("GET", `/v1/groups/${task?.group?.id}`)).body as Group
}

test("Slack: candidates are asked for by their models, their thread compares them, and says which one was chosen", async () => {
  const thread = "1797000000.100001"
  expect(await mention(thread, "in shop: --candidates wrong,right [mend] alpha adds wrongly")).toBe(200)
  await expect
    .poll(() => words("group", thread))
    .toContain(
      "1. candidate 2 · deep, right · succeeded · 1 file, +1 -1 · it succeeded, and its tests passed",
    )
  await expect.poll(() => words("group", thread)).toContain("2. candidate 1 · deep, wrong · failed")
  // Each has its own messages in the one thread, which say which candidate it is.
  await expect.poll(() => about("end", thread).length).toBe(2)
  expect(about("status", thread).length).toBe(2)
  for (const kind of ["status", "end"])
    for (const candidate of ["candidate 1 of 2", "candidate 2 of 2"])
      expect(words(kind, thread)).toContain(candidate)
  await expect.poll(() => labels("group", thread)).toContain("Choose candidate 2")
  await press(thread, "Choose candidate 2")
  await expect.poll(() => words("group", thread)).toContain("🏆 1. candidate 2 *chosen*")
  await expect.poll(() => words("group", thread)).toContain("▫️ 2. candidate 1")
  expect(labels("group", thread)).toEqual([])
  const group = await groupWith("alpha adds")
  expect(group.candidates.map(({ review }) => review)).toEqual(["accepted", "discarded"])
})

test("Slack: a race is asked for, and its thread says that the fast one won", async () => {
  const thread = "1797000000.200001"
  await mention(thread, "a race in shop: [race] beta adds wrongly")
  await expect.poll(() => words("group", thread)).toContain("*A race*: ")
  await expect
    .poll(() => words("group", thread))
    .toContain("1. candidate 1 · fast · succeeded · 1 file, +1 -1")
  await expect.poll(() => words("group", thread)).toMatch(/2\. candidate 2 · deep · canceled/)
})

test("Slack: a note is for all candidates that run, or for the one that it names, and one button ends them all", async () => {
  const thread = "1797000000.300001"
  await mention(thread, "in shop, 2 candidates: [wait] for gamma")
  await expect.poll(() => labels("status", thread).filter(label => label === "Steer").length).toBe(2)
  await reply(thread, "not too long")
  await expect.poll(() => words("say", thread)).toContain("Noted for the 2 candidates that run")
  await reply(thread, "candidate 2: you may take longer")
  await expect.poll(() => words("say", thread)).toContain("Candidate 2: Noted for the turn that runs")
  await reply(thread, "candidate 7: hello")
  await expect.poll(() => words("say", thread)).toContain("There are the candidates 1 to 2.")
  const steers = await Promise.all(
    (await tasksWith("for gamma")).map(async ({ id }) => {
      const { body } = await house.call("GET", `/v1/tasks/${id}/events?limit=200`)
      const { items } = body as { items: { type: string; prompt?: string }[] }
      return items.flatMap(({ type, prompt }) => (type === "steer.accepted" ? [prompt] : []))
    }),
  )
  // Newest first.
  expect(steers).toEqual([["not too long", "you may take longer"], ["not too long"]])
  await press(thread, "Cancel all")
  await expect.poll(async () => (await groupWith("for gamma")).status).toBe("ended")
  await expect.poll(() => labels("group", thread)).not.toContain("Cancel all")
  await reply(thread, "go on")
  await expect
    .poll(() => words("say", thread))
    .toContain("say which one this is for, such as `candidate 1: …`. Nothing was done.")
})

test("Slack: what a gateway refuses of candidates is named, and nothing is started", async () => {
  const order = (text: string, name: string) =>
    send("slack", slackCommand({ user: "U1", channel: "C2" }, text, slack.responseUrl(name)))
  const heard = (name: string) => slack.asides.find(({ to }) => to === name)?.text
  await order("in shop, fast, 2 candidates: [talk] delta", "fast")
  await expect.poll(() => heard("fast")).toContain("lane: each candidate has its own; leave it out")
  await order("in shop, 2 candidates: --start-by 2020-01-01T00:00Z [talk] delta", "late")
  await expect.poll(() => heard("late")).toContain("startBy: must be a time to come")
  await order("in shop: --after task_00000000000000000000000000 [talk] delta", "after")
  await expect.poll(() => heard("after")).toContain("after.0: there is no such task")
  await order("in shop: --start-by 22:30 [talk] delta", "zone")
  await expect.poll(() => heard("zone")).toContain("I do not know your time zone")
  expect(await tasksWith("delta")).toEqual([])
})

test("Slack: when a task may begin, and by when it must have, is asked for by words, and told in the reader's zone", async () => {
  const thread = "1797000000.500001"
  const before = Date.now()
  await mention(thread, "in shop, deep: --not-before 1h --start-by 2099-06-01T06:00Z [talk] about epsilon")
  await expect
    .poll(() => words("status", thread))
    .toMatch(/Queued.* not before <!date\^\d+\^[^>]*>; it ends unless it begins by <!date\^4083976800\^/)
  const [task] = await tasksWith("about epsilon")
  const { queue } = (await house.call("GET", `/v1/tasks/${task?.id}`)).body as Task
  expect(queue?.startBy).toBe(Date.UTC(2099, 5, 1, 6))
  // The gateway's clock goes by Redis', which need not agree with ours to the millisecond.
  expect(queue?.notBefore).toBeGreaterThan(before + 3_590_000)
  expect(queue?.notBefore).toBeLessThan(Date.now() + 3_610_000)
  await mention("1797000000.500002", `in shop, deep: --after ${task?.id} [talk] after epsilon`)
  await expect.poll(() => words("status", "1797000000.500002")).toContain(`waits for ${task?.id} to succeed`)
  await house.call("POST", `/v1/tasks/${task?.id}/cancel`, {})
  await expect.poll(() => words("end", "1797000000.500002")).toContain("ependency-failed")
})

test("Discord: candidates that a command asks for have one thread, which compares them, and one is chosen there", async () => {
  const texts = (id: string) =>
    discord.messages.filter(each => each.channel === id).map(({ body }) => JSON.stringify(body.embeds))
  const buttons = (messages: DiscordMessage[]) =>
    messages.flatMap(({ body }) => body.components.flatMap(({ components }) => components))
  await send(
    "discord",
    discordCommand({ user, channel, token: "zeta" }, "in shop, 2 candidates: [mend] zeta adds wrongly"),
  )
  await expect
    .poll(() => discord.asides.find(({ token }) => token === "zeta")?.text)
    .toContain("2 candidates are started")
  const root = () =>
    discord.messages.find(each => each.channel === channel && JSON.stringify(each.body).includes("zeta"))
  await expect.poll(() => discord.threads.length).toBe(1)
  const thread = root()?.id ?? ""
  expect(discord.threads[0]?.message).toBe(thread)
  await expect
    .poll(() => texts(thread).join())
    .toMatch(/2 candidates\*\*.*candidate \d · deep · succeeded.*candidate \d · deep · succeeded/)
  // The first one's living message is what the thread hangs on; all others are in it, once.
  await expect.poll(() => texts(thread).length).toBe(4)
  const choose = buttons(discord.messages.filter(each => each.channel === thread)).find(
    ({ label }) => label === "Choose candidate 2",
  )
  await send("discord", discordClick({ user, channel, thread, token: "choose" }, choose?.custom_id ?? ""))
  await expect.poll(() => texts(thread).join()).toContain("candidate 2 **chosen**")
  const group = await groupWith("zeta adds")
  expect(group.chosen).toBe(group.candidates[0]?.task)
})
