import type { Task } from "@twolane/protocol"
import {
  type DiscordDouble,
  type DiscordMessage,
  type DiscordRequest,
  discordClick,
  discordCommand,
  discordForm,
  discordPing,
  signDiscord,
} from "@twolane/testkit/chat/discord-double"
import { afterAll, beforeAll, expect, test } from "vitest"
import type { OpenGateway } from "../open-gateway.ts"
import { channel, type DiscordTeam, openDiscordTeam, member as user } from "./discord-team.ts"
import { longWords, runByWord } from "./turns.ts"

let team: DiscordTeam
let discord: DiscordDouble
let gateway: OpenGateway

beforeAll(async () => {
  team = await openDiscordTeam()
  ;({ discord, gateway } = team)
  await gateway.work(runByWord)
})
afterAll(() => team[Symbol.asyncDispose]())

const send = async ({ body, headers }: DiscordRequest) => {
  const answer = await fetch(`${gateway.url}/integrations/discord`, { method: "POST", body, headers })
  return {
    status: answer.status,
    body: (await answer.json()) as { type?: number; data?: { custom_id: string } },
  }
}
const words = ({ body }: DiscordMessage) => JSON.stringify(body.embeds)
const inThread = (thread: string) => discord.messages.filter(each => each.channel === thread)
const rootWith = (word: string) =>
  discord.messages.find(each => each.channel === channel && words(each).includes(word))
const buttonOf = (messages: DiscordMessage[], label: string) =>
  messages
    .flatMap(({ body }) => body.components.flatMap(({ components }) => components))
    .find(each => each.label === label)?.custom_id
const start = async (order: string, word: string): Promise<DiscordMessage> => {
  expect(await send(discordCommand({ user, channel, token: word }, order))).toMatchObject({
    status: 200,
    body: { type: 5 },
  })
  await expect.poll(() => rootWith(word)).toBeDefined()
  await expect.poll(() => discord.threads.some(({ message }) => message === rootWith(word)?.id)).toBe(true)
  const root = rootWith(word)
  if (root === undefined) throw new Error("it has gone")
  return root
}

test("a ping is answered, the slash command is made, and a platform that is not set up is not there", async () => {
  expect(await send(discordPing())).toEqual({ status: 200, body: { type: 1 } })
  await expect.poll(() => discord.commands).toMatchObject([{ name: "twolane" }])
  expect((await gateway.call("POST", "/integrations/slack", {})).status).toBe(404)
})

test("a slash command starts a task with a thread, rings nobody, and the command in the thread is the next order", async () => {
  const root = await start("in shop, deep: mend alpha", "alpha")
  await expect
    .poll(() => discord.asides.find(({ token }) => token === "alpha")?.text)
    .toContain("It is started in the deep lane")
  await expect.poll(() => inThread(root.id).map(words).join()).toContain("\\\\<!channel\\\\>")
  await expect.poll(() => words(root)).toContain("Succeeded")
  for (const { body } of discord.messages) {
    expect(body.allowed_mentions).toEqual({ parse: [] })
    expect(JSON.stringify(body)).not.toContain("@everyone")
  }
  await send(discordCommand({ user, channel, thread: root.id, token: "more" }, "now beta"))
  await expect
    .poll(() => discord.asides.find(({ token }) => token === "more")?.text)
    .toContain("the order of the next one")
  await expect.poll(() => inThread(root.id).length).toBe(2)
  const { body } = await gateway.call("GET", "/v1/tasks?q=alpha")
  const [task] = (body as { items: Task[] }).items
  expect(task).toMatchObject({ origin: "discord", by: { name: "Mem" } })
  expect(task?.turns.map(({ prompt }) => prompt)).toEqual(["mend alpha", "now beta"])
})

test("a turn is steered by a form, and a question answered by a button", async () => {
  const root = await start("in shop, deep: wait for gamma", "gamma")
  await expect.poll(() => buttonOf([root], "Steer")).toBeDefined()
  const where = { user, channel, thread: root.id }
  const form = await send(discordClick({ ...where, token: "form" }, buttonOf([root], "Steer") ?? ""))
  expect(form).toMatchObject({ status: 200, body: { type: 9 } })
  await send(discordForm({ ...where, token: "note" }, form.body.data?.custom_id ?? "", "use B"))
  await expect
    .poll(() => discord.asides.find(({ token }) => token === "note")?.text)
    .toContain("Noted for the turn")
  await expect.poll(() => inThread(root.id).map(words).join()).toContain("As you say: use B")
  const asked = await start("in shop, deep: ask delta", "delta")
  await expect.poll(() => buttonOf(inThread(asked.id), "Allow")).toBeDefined()
  const allow = buttonOf(inThread(asked.id), "Allow") ?? ""
  const there = { user, channel, thread: asked.id }
  expect(await send(discordClick({ ...there, token: "allow" }, allow))).toMatchObject({ body: { type: 6 } })
  await expect.poll(() => words(asked)).toContain("Succeeded")
  await send(discordClick({ ...there, token: "again" }, allow))
  await expect
    .poll(() => discord.asides.find(({ token }) => token === "again")?.text)
    .toContain("It is decided already.")
})

test("what is too long for a message is attached whole; without the right to that the message has its end", async () => {
  const root = await start("in shop, deep: tell of sigma at length", "sigma")
  await expect.poll(() => inThread(root.id).length).toBe(1)
  const [end] = inThread(root.id)
  expect(end?.files).toEqual([{ name: "said.md", text: longWords }])
  expect(end?.body.embeds[0]?.description).toContain("Line 899:")
  expect(end?.body.embeds[0]?.description).toContain("the whole of it is in the task, and in `said.md`")
  discord.mayAttach(false)
  const bare = await start("in shop, deep: tell of tau at length", "tau")
  await expect.poll(() => inThread(bare.id).length).toBe(1)
  expect([inThread(bare.id)[0]?.files, words(inThread(bare.id)[0] as DiscordMessage)]).toEqual([
    [],
    expect.stringContaining("Line 899:"),
  ])
  discord.mayAttach(true)
})

test.each<[string, boolean]>([
  ["while Discord still knows its nonce", false],
  ["after Discord has forgotten its nonce", true],
])("a message whose answer was lost is there once, %s", async (_when, forget) => {
  const word = forget ? "epsilon" : "zeta"
  discord.next("/messages", { after: "drop" })
  const sending = send(discordCommand({ user, channel, token: word }, `in shop, deep: mend ${word}`))
  await expect.poll(() => rootWith(word)).toBeDefined()
  if (forget) discord.forgetNonces()
  await sending
  await expect.poll(() => words(rootWith(word) as DiscordMessage)).toContain("Succeeded")
  expect(
    discord.messages.filter(each => each.channel === channel && words(each).includes(word)),
  ).toHaveLength(1)
})

const good = discordPing()
test.each<[string, Record<string, string>]>([
  ["no signature", { "x-signature-ed25519": "" }],
  ["a short one", { "x-signature-ed25519": "ab" }],
  ["one of zeros", { "x-signature-ed25519": "0".repeat(128) }],
  ["one of low order", { "x-signature-ed25519": `01${"0".repeat(126)}` }],
  ["upper case", { "x-signature-ed25519": String(good.headers["x-signature-ed25519"]).toUpperCase() }],
  ["another time", { "x-signature-timestamp": "1700000000" }],
  ["a time with a blank", { "x-signature-timestamp": ` ${good.headers["x-signature-timestamp"]}1` }],
  ["no time", { "x-signature-timestamp": "" }],
])("a request with %s is refused", async (_what, wrong) => {
  const { body, headers } = discordPing()
  expect((await send({ body, headers: { ...headers, ...wrong } })).status).toBe(401)
})

test("what is old, changed or too large is refused, and a replay does nothing twice", async () => {
  const ping = JSON.stringify({ type: 1 })
  expect((await send(signDiscord(ping, 299))).status).toBe(200)
  expect((await send(signDiscord(ping, 302))).status).toBe(401)
  expect((await send(signDiscord(ping, -302))).status).toBe(401)
  const signed = signDiscord(ping)
  expect((await send({ ...signed, body: `${ping} ` })).status).toBe(401)
  expect((await send(signDiscord(JSON.stringify({ type: 1, x: "x".repeat(300_000) })))).status).toBe(413)
  expect((await send(signDiscord("{"))).status).toBe(400)
  const command = discordCommand({ user, channel, token: "omega" }, "in shop, deep: mend omega")
  await Promise.all([command, command, command].map(each => send(each)))
  await expect.poll(() => rootWith("omega")).toBeDefined()
  const { body } = await gateway.call("GET", "/v1/tasks?q=omega")
  expect((body as { items: Task[] }).items.filter(({ prompt }) => prompt === "mend omega")).toHaveLength(1)
})
