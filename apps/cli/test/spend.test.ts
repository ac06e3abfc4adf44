import { writeFile } from "node:fs/promises"
import { join } from "node:path"
import type { BudgetView, Task } from "@twolane/protocol"
import { makeTempFolder, type PlayedHouse, say, startPlayedHouse, submit } from "@twolane/testkit"
import { afterAll, beforeAll, expect, test } from "vitest"
import { caller } from "./twolane.ts"

let folder: Awaited<ReturnType<typeof makeTempFolder>>
let played: PlayedHouse
let twolane = caller({})
beforeAll(async () => {
  folder = await makeTempFolder("twl-prices-")
  const prices = join(folder.path, "prices.json")
  // So dear that a turn of a few thousand tokens can be seen in cents.
  const price = { input: 100, cachedInput: 100, output: 100 }
  await writeFile(prices, JSON.stringify({ "gpt-5.3-codex-spark": price, "gpt-5.3-codex": price }))
  played = await startPlayedHouse(
    { talk: () => say("There is nothing to do.") },
    { env: { TWOLANE_PRICES: prices } },
  )
  twolane = caller({ TWOLANE_URL: played.house.url, TWOLANE_API_KEY: played.house.apiKey })
})
afterAll(async () => {
  await played?.[Symbol.asyncDispose]()
  await folder[Symbol.asyncDispose]()
})

const taskOf = async (id: string) => (await played.house.call("GET", `/v1/tasks/${id}`)).body as Task
const budgetOf = async () => (await played.house.call("GET", "/v1/budget")).body as BudgetView
const talk = () => submit(played.house, { repo: "sums", prompt: "[talk] please" })

test("a real turn's usage is told, and a budget of it stops what comes next until it is raised", async () => {
  const first = await talk()
  await expect.poll(async () => (await taskOf(first.id)).status).toBe("succeeded")
  const { usage } = await taskOf(first.id)
  const used = usage.costUsd ?? 0
  expect(used).toBeGreaterThan(0)
  await expect.poll(async () => (await budgetOf()).spent.usd).toBeCloseTo(used, 5)

  const spent = await twolane(["spend", "--by", "repo,model"])
  const tokens = `${usage.inputTokens} tokens in, ${usage.outputTokens} out, 1 turn`
  expect([spent.code, spent.out.split("\n").slice(1)]).toEqual([
    0,
    [`  sums  gpt-5.3-codex: $${used.toFixed(2)}, ${tokens}`, ""],
  ])
  const csv = await twolane(["spend", "--by", "person", "--csv"])
  expect(csv.out).toMatch(/^month,person,turns,.*\r\n\d{4}-\d\d,admin,1,/)

  const set = await twolane(["budget", "set", "--usd", String(used / 2), "--warn-at", "50%"])
  expect([set.code, set.out]).toEqual([
    0,
    expect.stringMatching(/^default, .*: USED UP: no turn starts, resets /),
  ])
  const second = await talk()
  await expect
    .poll(async () => (await taskOf(second.id)).queue?.reason)
    .toMatch(/^the team's budget for .* is used up/)
  const raised = await twolane(["budget", "set", "--usd", "none", "--tokens", "1000000000", "--json"])
  expect(JSON.parse(raised.out)).toMatchObject({
    usd: null,
    tokens: 1_000_000_000,
    warnAt: 0.5,
    state: "open",
  })
  await expect.poll(async () => (await taskOf(second.id)).status).toBe("succeeded")
})

test("what is no budget is refused", async () => {
  for (const wrong of [["set"], ["set", "--usd", "-1"], ["set", "--warn-at", "101"]])
    expect((await twolane(["budget", ...wrong])).code).toBe(2)
  expect((await twolane(["spend", "--by", "colour"])).code).toBe(2)
})
