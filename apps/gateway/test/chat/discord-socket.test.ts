import { discordBot } from "@twolane/testkit/chat/discord-gateway-double"
import { afterEach, beforeEach, expect, test } from "vitest"
import { channel, type DiscordTeam, member, openDiscordTeam, stranger } from "./discord-team.ts"
import { runByWord } from "./turns.ts"

let team: DiscordTeam
beforeEach(async () => {
  team = await openDiscordTeam()
  await team.gateway.work(runByWord)
  await connected()
})
afterEach(() => team[Symbol.asyncDispose]())

const socket = () => team.discord.gateway
const connected = () => expect.poll(() => socket().connected()).toBe(1)
const at = `<@${discordBot}>`
const write = (text: string, where = channel, user = member) => socket().write({ user, channel: where, text })
/** Starts a task by a mention; answers its thread. */
const start = async (order: string, word: string): Promise<string> => {
  write(`${at} ${order}`)
  await expect.poll(() => team.root(word)).toBeDefined()
  const root = team.root(word)?.id ?? ""
  await expect.poll(() => team.discord.threads.some(({ message }) => message === root)).toBe(true)
  return root
}
const asked = async () => (await prompts()).flat().toSorted(byText)
const byText = (a: string, b: string) => (a < b ? -1 : 1)
const prompts = async () => (await team.tasks()).map(({ turns }) => turns.map(({ prompt }) => prompt))

test("a mention starts a task, and what is written in its thread is a note or the next order, and the bot says which", async () => {
  const thread = await start("in shop, deep: wait for alpha", "alpha")
  expect(await team.tasks()).toMatchObject([{ origin: "discord", by: { name: "Mem" } }])
  write("// lunch?", thread)
  write("use the other one", thread)
  await expect.poll(() => team.said(thread).join()).toContain("Noted for the turn that runs")
  await expect.poll(() => team.said(thread).join()).toContain("As you say: use the other one")
  write("now mend beta", thread)
  await expect.poll(() => team.said(thread).join()).toContain("the order of the next one, in the deep lane")
  await expect.poll(prompts).toEqual([["wait for alpha", "now mend beta"]])
})

test("nothing comes of what is said to others, by machines, or by somebody who is not known", async () => {
  const thread = await start("in shop, deep: mend gamma", "gamma")
  write("in shop: mend this as well")
  socket().write({ user: "900000000000000001", channel, text: `${at} in shop: mend it`, bot: true })
  write("who may I ask?", thread, stranger)
  write("and again", thread, stranger)
  await expect.poll(() => team.said(thread).join()).toContain("I do not know yet who you are")
  write(`${at} help`)
  await expect.poll(() => team.said(channel).join()).toContain("runs coding agents")
  expect(await prompts()).toEqual([["mend gamma"]])
  expect(team.said(thread).filter(text => text.includes("I do not know yet"))).toHaveLength(1)
})

test("a mention in a thread of other people's makes that thread the task's", async () => {
  const thread = "800000000000009999"
  team.discord.threads.push({ channel, message: thread, name: "a talk" })
  write(`${at} in shop, deep: mend delta`, thread)
  await expect.poll(() => team.said(thread).join()).toContain("Succeeded")
  write("mend it more", thread)
  await expect.poll(prompts).toEqual([["mend delta", "mend it more"]])
})

test("what is written while the connection is lost is heard afterwards, once", async () => {
  await start("in shop, deep: mend epsilon", "epsilon")
  socket().drop()
  write(`${at} in shop, deep: mend zeta`)
  await connected()
  await expect.poll(() => team.root("zeta")).toBeDefined()
  socket().askToReconnect()
  await expect.poll(() => socket().connected(), { interval: 5 }).toBe(0)
  await connected()
  await start("in shop, deep: mend rho", "rho")
  expect(
    new Set(
      socket()
        .greetings.slice(1)
        .map(({ op }) => op),
    ),
  ).toEqual(new Set(["resume"]))
  expect(await asked()).toEqual(["mend epsilon", "mend rho", "mend zeta"])
})

test("a connection holds while its heartbeats are answered", async () => {
  await expect.poll(() => socket().beats()).toBeGreaterThanOrEqual(2)
  await start("in shop, deep: mend phi", "phi")
  expect([socket().connected(), socket().greetings.length]).toEqual([1, 1])
})

test("a connection that has silently died is given up, and what it did not bring comes by the next one", async () => {
  await start("in shop, deep: mend tau", "tau")
  socket().mute()
  await expect.poll(() => socket().greetings.length).toBe(2)
  await start("in shop, deep: mend upsilon", "upsilon")
  expect(socket().greetings.map(({ op }) => op)).toEqual(["identify", "resume"])
})

test("a session that Discord has forgotten is begun anew, and a message that comes twice is one task", async () => {
  const text = `${at} in shop, deep: mend theta`
  const id = socket().write({ user: member, channel, text })
  await expect.poll(() => team.root("theta")).toBeDefined()
  socket().forget()
  // The new session's address leads nowhere at first.
  const lead = (url: string) => ({ instead: { json: { url } } })
  team.discord.next("/gateway/bot", lead(socket().url), lead("ws://127.0.0.1:1"))
  socket().drop()
  await connected()
  expect(team.gateway.log.some(line => line.includes("ECONNREFUSED") && line.includes("did not hold"))).toBe(
    true,
  )
  socket().write({ user: member, channel, text, id })
  await start("in shop, deep: mend iota", "iota")
  expect(socket().greetings.map(({ op }) => op)).toEqual(["identify", "resume", "identify"])
  expect(await asked()).toEqual(["mend iota", "mend theta"])
})

test("of several gateways one listens, and the next takes the session up when that one stops", async () => {
  await using _second = await team.gateway.start()
  await start("in shop, deep: mend kappa", "kappa")
  expect(socket().connected()).toBe(1)
  await team.gateway.stop()
  write(`${at} in shop, deep: mend lambda`)
  await expect.poll(() => team.root("lambda")).toBeDefined()
  expect(socket().connected()).toBe(1)
  const sessions = socket().greetings.map(({ op }) => op)
  expect([sessions[0], new Set(sessions.slice(1))]).toEqual(["identify", new Set(["resume"])])
})

test("without the Message Content Intent mentions are heard still, and the log says what to switch on", async () => {
  const mentionsOnly = 1 << 9
  socket().allow(mentionsOnly)
  socket().forget()
  socket().drop()
  await expect.poll(() => socket().greetings.at(-1)?.intents).toBe(mentionsOnly)
  await connected()
  const thread = await start("in shop, deep: mend sigma", "mend sigma")
  write("and this, without a mention", thread)
  write(`${at} and that, with one`, thread)
  await expect.poll(prompts).toEqual([["mend sigma", "and that, with one"]])
  expect(team.gateway.log.some(line => line.includes("Message Content Intent"))).toBe(true)
})

test("while Redis is away nothing is lost: what Discord said then is asked for again", async () => {
  await start("in shop, deep: mend ny", "mend ny")
  team.gateway.redis.pause()
  write(`${at} in shop, deep: mend xi`)
  await expect.poll(() => socket().connected()).toBe(0)
  team.gateway.redis.resume()
  await expect.poll(() => team.root("mend xi")).toBeDefined()
  expect(await asked()).toEqual(["mend ny", "mend xi"])
})
