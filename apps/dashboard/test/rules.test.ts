import type { QueueView, Task, WorkerView } from "@twolane/protocol"
import { type Reply, type Script, say } from "@twolane/testkit"
import type { Page } from "playwright-core"
import { afterAll, beforeAll, expect, test } from "vitest"
import { accessProblems, looks } from "./check-access.ts"
import { complaintsOf } from "./start-page.ts"
import { type Shop, startShop } from "./start-shop.ts"

/** It goes on until it is canceled. */
const slowly: Reply = {
  items: [{ type: "message", text: "one two three four ".repeat(2_000) }],
  tokensPerSecond: 10,
}
const script: Script = ({ items }) => (JSON.stringify(items).includes("stay") ? slowly : say("Done."))

let at: Shop
beforeAll(async () => {
  at = await startShop({ script })
})
afterAll(() => at[Symbol.asyncDispose]())

const submit = async (prompt: string): Promise<string> => {
  const answer = await at.house.call("POST", "/v1/tasks", { repo: "shop", lane: "deep", prompt })
  return (answer.body as Task).id
}
const rowOf = (page: Page, id: string) => page.locator(`[data-row="${id}"]`)
const queueNow = async () => ((await at.house.call("GET", "/v1/queue")).body as QueueView).lanes
const deepOf = (page: Page) => page.getByRole("region", { name: "Deep lane" })
const live = (page: Page) => page.getByRole("status").getByText("Live").waitFor()

test("limits are set in a form, by keyboard, and what waits names the one that holds it", async () => {
  const { page, errors } = await at.open("/")
  await live(page)
  await deepOf(page).getByText("At once: 2 of each repo").waitFor()
  await page.keyboard.press("Control+k")
  await page.getByRole("combobox", { name: /Go to a view/ }).fill("limits of the deep")
  await page.getByRole("option", { name: /Limits of the deep lane/ }).waitFor()
  await page.keyboard.press("Enter")
  const form = page.getByRole("dialog", { name: "Turns at once in the deep lane" })
  await form.getByLabel("Of each team").fill("9")
  await form.getByLabel("At once, of shop").fill("1")
  await page.keyboard.press("Enter")
  await form.waitFor({ state: "detached" })
  await deepOf(page).getByText("At once: 2 of each repo, 9 of each team, 1 of shop").waitFor()
  expect((await queueNow()).deep.limits).toEqual({
    perRepo: 2,
    perTeam: 9,
    teams: { default: { repos: { shop: 1 } } },
  })
  const first = await submit("stay a while")
  await rowOf(page, first).getByText("Running").waitFor()
  const second = await submit("come after it")
  await rowOf(page, second)
    .getByText(/repo limit 1 of 1, behind “stay a while”/)
    .waitFor()

  await page.getByRole("button", { name: "Limits of the deep lane" }).click()
  for (const label of ["Of each team", "At once, of shop"]) await form.getByLabel(label).fill("")
  await form.getByRole("button", { name: "Set them" }).click()
  await rowOf(page, second).getByText("Succeeded").waitFor()
  expect((await queueNow()).deep.limits).toEqual({ perRepo: 2 })
  await at.house.call("POST", `/v1/tasks/${first}/cancel`, {})
  expect(errors).toEqual([])
})

test("one repo is paused on the page, what waits of it says so, and goes on when it is resumed", async () => {
  const { page, errors } = await at.open("/")
  await live(page)
  await page.getByRole("button", { name: "Pause a repo in the deep lane" }).click()
  const form = page.getByRole("dialog", { name: "Pause a repo in the deep lane" })
  expect(await form.getByLabel("Repo").inputValue()).toBe("shop")
  await form.getByRole("button", { name: "Pause it" }).click()
  await deepOf(page).getByText("shop is paused").waitFor()
  const id = await submit("wait for the repo")
  await rowOf(page, id).getByText("repo shop is paused").waitFor()
  await page.getByRole("button", { name: "Resume shop in the deep lane" }).click()
  await rowOf(page, id).getByText("Succeeded").waitFor()
  await deepOf(page).getByText("shop is paused").waitFor({ state: "detached" })
  expect((await queueNow()).deep.pausedRepos).toEqual([])
  expect(errors).toEqual([])
})

test("a worker is drained on the page: what it has ends, what comes waits, and it takes turns again", async () => {
  const { page, errors } = await at.open("/")
  await live(page)
  await deepOf(page)
    .getByRole("button", { name: /^Drain the worker / })
    .click()
  await deepOf(page).getByText("takes nothing new: drained").waitFor()
  const { body } = await at.house.call("GET", "/v1/workers")
  expect((body as { items: WorkerView[] }).items).toMatchObject([{ lane: "deep", holding: "drained" }])
  const id = await submit("wait for the worker")
  await rowOf(page, id).getByText("workers hold: drained").waitFor()
  await deepOf(page)
    .getByRole("button", { name: /^Resume the worker / })
    .click()
  await rowOf(page, id).getByText("Succeeded").waitFor()
  await deepOf(page)
    .getByRole("button", { name: /^Drain the worker / })
    .waitFor()
  expect(errors).toEqual([])
})

test("who may only read sees limits and pauses, and nothing to change them with", async () => {
  await at.house.call("POST", "/v1/queue/pause", { repo: "shop", lane: "fast" })
  const key = await at.house.call("POST", "/v1/keys", { name: "Vera", role: "viewer" })
  const { body } = await at.house.call("POST", "/v1/sign-in-links", { key: (key.body as { id: string }).id })
  const page = await (await at.browser.newContext()).newPage()
  const errors = complaintsOf(page)
  await page.goto((body as { url: string }).url)
  await page.getByText("shop is paused").waitFor()
  await deepOf(page).getByText("At once: 2 of each repo").waitFor()
  const names = /^(?:Limits|Pause|Resume|Drain)/
  expect(await page.getByRole("button", { name: names }).count()).toBe(0)
  await at.house.call("POST", "/v1/queue/resume", { repo: "shop" })
  expect(errors).toEqual([])
})

test("the admin of another team changes what is its own alone", async () => {
  const key = await at.house.call("POST", "/v1/keys", { name: "Rita", role: "admin", team: "rivals" })
  const { body } = await at.house.call("POST", "/v1/sign-in-links", { key: (key.body as { id: string }).id })
  const page = await (await at.browser.newContext()).newPage()
  await page.goto((body as { url: string }).url)
  await page.getByRole("button", { name: "Limits of the deep lane" }).click()
  const form = page.getByRole("dialog", { name: "Turns at once in the deep lane" })
  expect(await form.getByLabel("Of each team").count()).toBe(0)
  await form.getByLabel("Of each of your people").fill("3")
  await form.getByRole("button", { name: "Set them" }).click()
  await deepOf(page).getByText("3 of each of its people").waitFor()
  expect((await queueNow()).deep.limits).toEqual({ perRepo: 2, teams: { rivals: { perPerson: 3 } } })
})

test.each(looks)(
  "the rules of a lane have no accessibility problem: $name",
  async ({ name: _name, ...look }) => {
    await at.house.call("POST", "/v1/queue/pause", { repo: "shop" })
    const { page } = await at.open("/", look)
    await deepOf(page).getByText("shop is paused").waitFor()
    expect(await accessProblems(page)).toEqual([])
    for (const button of ["Limits of the deep lane", "Pause a repo in the fast lane"]) {
      await page.getByRole("button", { name: button }).click()
      await page.getByRole("dialog").waitFor()
      expect(await accessProblems(page)).toEqual([])
      await page.keyboard.press("Escape")
    }
  },
)
