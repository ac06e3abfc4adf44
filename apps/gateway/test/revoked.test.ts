import { afterAll, beforeAll, expect, test } from "vitest"
import { openBrowser, signIn } from "./browser.ts"
import { keyOf } from "./keys-of.ts"
import { apiKey, type OpenGateway, openGateway } from "./open-gateway.ts"
import { openLive } from "./open-live.ts"
import { readStream } from "./read-stream.ts"

let gateway: OpenGateway
let task: { id: string; turn: string }
beforeAll(async () => {
  gateway = await openGateway()
  // Nobody works: it waits, and whoever watches it waits as well.
  task = await gateway.submit()
})
afterAll(() => gateway[Symbol.asyncDispose]())

const watch = () => ({
  jsonrpc: "2.0",
  id: 1,
  method: "tools/call",
  params: { name: "watch", arguments: { task: task.id, seconds: 50 }, _meta: { progressToken: 1 } },
})

/** All that a key can hold open: the team's stream, a task's, a live socket that watches it, and an agent's call that does. */
const openAll = async (secret: string) => {
  const headers = { authorization: `Bearer ${secret}` }
  const team = await readStream(`${gateway.url}/v1/events`, headers)
  const log = await readStream(`${gateway.url}/v1/tasks/${task.id}/events?follow=always`, headers)
  const live = await openLive(gateway.url, headers)
  await live.ask({ id: "1", type: "subscribe", task: task.id })
  const agent = await fetch(`${gateway.url}/mcp`, {
    method: "POST",
    headers: {
      ...headers,
      "content-type": "application/json",
      accept: "application/json, text/event-stream",
    },
    body: JSON.stringify(watch()),
  })
  expect(agent.headers.get("content-type")).toMatch(/^text\/event-stream/)
  const watched = agent.text().then(
    () => "answered",
    () => "cut off",
  )
  await log.until(() => log.messages.length >= 2)
  await team.until(() => team.comments.length > 0)
  return {
    team,
    log,
    live,
    watched,
    [Symbol.asyncDispose]: async () => {
      for (const each of [team, log, live]) await each[Symbol.asyncDispose]()
    },
  }
}

// A key is to be void within seconds, so this one does not wait as long as others.
test("a key that is revoked ends all that it holds open, and nothing of others", {
  timeout: 30_000,
}, async () => {
  const mallory = await keyOf(gateway, { name: "Mallory" })
  await using hers = await openAll(mallory.secret)
  await using other = await readStream(`${gateway.url}/v1/events`, { authorization: `Bearer ${apiKey}` })
  expect((await gateway.call("DELETE", `/v1/keys/${mallory.id}`)).status).toBe(204)
  await Promise.all([hers.team.ended, hers.log.ended])
  expect(await hers.live.closed).toBe(4401)
  expect(await hers.watched).toBe("cut off")
  const { id } = await gateway.submit()
  await other.until(() => other.messages.some(({ data }) => data.includes(id)))
  expect(hers.team.messages.filter(({ data }) => data.includes(id))).toEqual([])
})

test("an admin who revokes the key that it came with is answered, and out", async () => {
  const admin = await keyOf(gateway, { name: "Root", role: "admin" })
  await using stream = await readStream(`${gateway.url}/v1/events`, {
    authorization: `Bearer ${admin.secret}`,
  })
  expect((await admin.call("DELETE", `/v1/keys/${admin.id}`)).status).toBe(204)
  await stream.ended
  expect((await admin.call("GET", "/v1/me")).status).toBe(401)
})

test("signing out ends what that browser holds open, and not what another one of the same person does", async () => {
  const [here, there] = [openBrowser(gateway), openBrowser(gateway)]
  await signIn(gateway, here)
  await signIn(gateway, there)
  const streamOf = (browser: typeof here) =>
    readStream(`${gateway.url}/v1/events`, { cookie: browser.cookie ?? "" })
  await using leaving = await streamOf(here)
  await using staying = await streamOf(there)
  expect((await here.send("DELETE", "/v1/session")).status).toBe(204)
  await leaving.ended
  const { id } = await gateway.submit()
  await staying.until(() => staying.messages.some(({ data }) => data.includes(id)))
})
