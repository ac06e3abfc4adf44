import { endTurn } from "@twolane/protocol"
import type { RunTurn } from "@twolane/store"
import { type Mishap, signSlack, slackMention, slackReply } from "@twolane/testkit/chat/slack-double"
import { Redis } from "ioredis"
import { afterEach, expect, test } from "vitest"
import { openSlackTeam, type SlackTeam, wordsOf } from "./slack-team.ts"

const endsWell: RunTurn = async attempt => {
  await attempt.write((state, at) => endTurn(state, attempt.turn, { status: "succeeded" }, at))
}

let team: SlackTeam
/** What ends the turns that a test holds. */
const held = new Set<() => void>()
const release = () => {
  for (const end of held) end()
  held.clear()
}
afterEach(async () => {
  release()
  await team[Symbol.asyncDispose]()
})

const begin = async (run: RunTurn = endsWell) => {
  team = await openSlackTeam()
  await team.gateway.work(run)
}
const thread = "1797000000.900001"
const byText = (a: string, b: string) => (a < b ? -1 : 1)
const order = () =>
  team.send(slackMention({ user: "UMEM", channel: "C1", ts: thread }, "in shop, deep: mend it"))
/** What waits to be worked. */
const inboxOf = async ({ gateway }: SlackTeam): Promise<string[]> => {
  const redis = new Redis(gateway.redis.url)
  try {
    const keys = (await redis.keys("*")).filter(key => key.endsWith("items") && key.includes("inbox"))
    return (await Promise.all(keys.map(key => redis.hkeys(key)))).flat()
  } finally {
    redis.disconnect()
  }
}
const ended = () => expect.poll(() => team.said("end").map(wordsOf).join()).toContain("Succeeded")

test.each<[string, string, Mishap[]]>([
  ["posted, and the answer is lost", "chat.postMessage", [{ after: "drop" }, { after: "drop" }]],
  [
    "not posted: the platform is broken",
    "chat.postMessage",
    [{ instead: { status: 503 } }, { instead: { status: 500 } }],
  ],
  ["refused for now", "chat.postMessage", [{ instead: { status: 429, headers: { "retry-after": "1" } } }]],
  ["edited, and the answer is lost", "chat.update", [{ after: "drop" }]],
  ["posted, and the answer comes too late", "chat.postMessage", [{ after: "hang" }]],
  ["not found at first: nobody can look", "chat.postMessage", [{ after: "drop" }]],
])("each message is there once, when it is %s", async (_what, method, mishaps) => {
  await begin()
  team.slack.next(method, ...mishaps)
  if (_what.startsWith("not found")) team.slack.next("conversations.replies", { instead: { status: 502 } })
  await order()
  await ended()
  await expect.poll(() => wordsOf(team.said("status")[0])).toContain("Succeeded")
  expect(team.slack.messages.map(({ key = "" }) => key.split("/")[1] ?? "").toSorted(byText)).toEqual([
    "end",
    "status",
  ])
})

test("what is not signed by Slack, is old, changed or too large starts nothing", async () => {
  await begin()
  const { body, headers } = slackMention(
    { user: "UMEM", channel: "C1", ts: thread },
    "in shop, deep: mend it",
  )
  const json = "application/json"
  const wrong = { ...headers, "x-slack-signature": `v0=${"a".repeat(64)}` }
  expect(await team.send({ body, headers: { "content-type": json } })).toBe(401)
  expect(await team.send({ body, headers: wrong })).toBe(401)
  expect(await team.send({ body: `${body} `, headers })).toBe(401)
  expect(await team.send(signSlack(body, json, 302))).toBe(401)
  expect(await team.send(signSlack(body, json, -302))).toBe(401)
  expect(await team.send(signSlack("x".repeat(600_000), json))).toBe(413)
  expect((await team.gateway.call("GET", "/v1/tasks")).body).toMatchObject({ items: [] })
})

test("where nobody may look whether a message arrived, it is there twice at most, and the second says so", async () => {
  await begin()
  team.slack.next("chat.postMessage", { after: "drop" })
  team.slack.next("conversations.replies", { instead: { json: { ok: false, error: "missing_scope" } } })
  await order()
  await ended()
  const twice = () =>
    team.slack.messages
      .filter(({ key }, _, all) => all.filter(each => each.key === key).length > 1)
      .map(message => wordsOf(message).includes("Sent again"))
  await expect.poll(twice).toEqual([false, true])
  await expect.poll(() => wordsOf(team.said("status").at(-1))).toContain("Succeeded")
  expect(twice()).toEqual([false, true])
})

test("a platform that is away for a while holds up no task, loses nothing, and hears what is true by then", async () => {
  await begin()
  const away: Mishap = { instead: { status: 429, headers: { "retry-after": "2" } } }
  team.slack.next("chat.", away, away)
  await order()
  await expect.poll(async () => (await team.gateway.call("GET", "/v1/tasks")).text).toContain("succeeded")
  expect(team.slack.messages).toEqual([])
  await ended()
  await expect.poll(() => wordsOf(team.said("status")[0])).toContain("Succeeded")
  expect(team.said("status")[0]?.edits).toBe(0)
})

test("a gateway that stops with messages to send leaves them to the next one", async () => {
  await begin()
  const away: Mishap = { instead: { status: 429, headers: { "retry-after": "1" } } }
  team.slack.next("chat.", away, away, away)
  await order()
  await expect.poll(() => team.slack.calls.length).toBeGreaterThan(0)
  await team.gateway.stop()
  await using _next = await team.gateway.start()
  await ended()
  await expect.poll(() => wordsOf(team.said("status")[0])).toContain("Succeeded")
  expect(team.slack.messages).toHaveLength(2)
})

test("a delivery that comes again, signed anew or as it was, starts no second task and says nothing twice", async () => {
  await begin()
  const request = slackMention({ user: "UMEM", channel: "C1", ts: thread }, "in shop, deep: mend it")
  const again = { ...request, headers: { ...request.headers, "x-slack-retry-num": "1" } }
  expect(await Promise.all([request, request, again].map(each => team.send(each)))).toEqual([200, 200, 200])
  await ended()
  const reply = slackReply({ user: "UMEM", channel: "C1", thread }, "and more")
  expect(await Promise.all([reply, reply].map(each => team.send(each)))).toEqual([200, 200])
  await expect.poll(() => team.said("end").length).toBe(2)
  const { body } = await team.gateway.call("GET", "/v1/tasks")
  const { items } = body as { items: { turns: unknown[] }[] }
  expect(items.map(({ turns }) => turns.length)).toEqual([2])
  expect(team.said("say")).toHaveLength(1)
})

test.each([
  ["the turn that it ordered runs by then", false],
  ["the turn that got it as a note has ended by then", true],
])("what somebody writes is done once though its gateway dies behind it: %s", async (_what, runs) => {
  await begin(async attempt => {
    await new Promise<void>(resolve => held.add(resolve))
    await endsWell(attempt)
  })
  await order()
  await expect.poll(() => held.size).toBe(1)
  if (!runs) {
    release()
    await ended()
  }
  const reply = slackReply({ user: "UMEM", channel: "C1", thread }, "and more")
  await team.send(reply)
  await expect.poll(() => team.said("say").length).toBe(1)
  if (runs) release()
  await expect.poll(() => [held.size, team.said("end").length]).toEqual(runs ? [0, 1] : [1, 1])
  // Nothing is known of it but what it has caused: as after a crash, before it was said to be done.
  const redis = new Redis(team.gateway.redis.url)
  const marks = (await redis.keys("*")).filter(key => key.includes("seen:"))
  expect(marks.length).toBeGreaterThan(0)
  await redis.del(...marks)
  redis.disconnect()
  await team.send(reply)
  // Worked in its turn, behind what came again.
  await team.send(slackReply({ user: "UMEM", channel: "C1", thread }, "// for people"))
  await expect.poll(async () => (await inboxOf(team)).length).toBe(0)
  const { body } = await team.gateway.call("GET", "/v1/tasks")
  const [task] = (body as { items: { id: string; turns: unknown[] }[] }).items
  expect(task?.turns.length).toBe(runs ? 1 : 2)
  const types = await team.gateway.types(task?.id ?? "")
  expect(types.filter(type => type === "steer.accepted")).toHaveLength(runs ? 1 : 0)
  expect(team.said("say")).toHaveLength(1)
})

test("a busy task edits its message about once a second, and the last state wins", async () => {
  await begin(async attempt => {
    for (let step = 0; step < 60; step += 1)
      await attempt.write((_state, at) => [
        { type: "message.done", text: `step ${step}`, turn: attempt.turn, at },
      ])
    await endsWell(attempt)
  })
  await order()
  await ended()
  await expect.poll(() => wordsOf(team.said("status")[0])).toContain("Succeeded")
  const edits = team.slack.calls.filter(({ path }) => path.endsWith("chat.update")).map(({ at }) => at)
  const gaps = edits.slice(1).map((at, index) => at - (edits[index] ?? 0))
  expect(gaps.filter(gap => gap < 1_000)).toEqual([])
})
