import { type Received, type Receiver, say, startReceiver } from "@twolane/testkit"
import type { Page } from "playwright-core"
import { afterAll, beforeAll, expect, test } from "vitest"
import { accessProblems, looks } from "./check-access.ts"
import { copiedIn } from "./copied.ts"
import { type Shop, startShop } from "./start-shop.ts"

let at: Shop
let receiver: Receiver
/** What the receiver answers. */
let status = 204
beforeAll(async () => {
  receiver = await startReceiver(response => response.writeHead(status).end())
  at = await startShop({
    script: () => say("Done."),
    env: { TWOLANE_WEBHOOK_HOSTS: receiver.host },
  })
})
afterAll(async () => {
  await at[Symbol.asyncDispose]()
  await receiver[Symbol.asyncDispose]()
})

const idOf = ({ headers }: Received): string => String(headers["webhook-id"])
const typeOf = ({ body }: Received): string => (JSON.parse(body) as { type: string }).type
const card = (page: Page) => page.locator("[data-webhook]", { hasText: receiver.url })

test("a webhook is added with its filters and its secret shown once, tried, looked into, sent again, rotated and removed", async () => {
  const { page, errors } = await at.open("/")
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"])
  await page.getByRole("status").getByText("Live").waitFor()
  await page.keyboard.press("g")
  await page.keyboard.press("w")
  await page.getByText("Nothing hears of this team by HTTP yet").waitFor()
  await page.keyboard.press("c")
  const form = page.getByRole("dialog")
  await form.getByLabel("Address").fill(receiver.url)
  await form.getByLabel("What it is for").fill("Tells the board")
  await form.getByText("Events: every one").click()
  await form.getByLabel("turn.ended").check()
  await form.getByLabel("task.created").check()
  await form.getByText("Events: task.created, turn.ended").waitFor()
  await form.getByText("Repos: every one").click()
  await form.getByLabel("shop").check()
  await form.getByRole("button", { name: "Add it" }).click()

  const shown = page.getByRole("region", { name: `The secret of ${receiver.url}` })
  await shown.getByRole("button", { name: "Copy" }).click()
  await shown.getByText("Copied").waitFor()
  const secret = await copiedIn(page)
  expect(secret).toMatch(/^whsec_/)
  await shown.getByRole("button", { name: "Put away" }).click()
  expect(await page.content()).not.toContain(secret)
  await card(page)
    .getByText(/^Hears task\.created, turn\.ended of shop/)
    .waitFor()
  await card(page).getByText("Tells the board").waitFor()

  await card(page).getByRole("button", { name: "Send a test" }).click()
  await card(page)
    .getByText(/The receiver took the test message: answered 204 after \d/)
    .waitFor()
  expect(receiver.received.map(typeOf)).toEqual(["webhook.test"])

  await at.house.call("POST", "/v1/tasks", { repo: "shop", lane: "deep", prompt: "say it" })
  await card(page).getByRole("button", { name: "What was sent" }).click()
  const log = card(page).getByRole("list", { name: "Deliveries" })
  const ended = log.locator("li[data-delivery]", { hasText: "turn.ended" })
  await ended.getByText("delivered").waitFor()
  expect(await log.locator("li[data-delivery]").count()).toBe(3)
  const first = receiver.received.find(each => typeOf(each) === "turn.ended")
  await ended.getByRole("button", { name: "Send again: turn.ended" }).click()
  await expect
    .poll(() => receiver.received.filter(each => typeOf(each) === "turn.ended").map(idOf))
    .toEqual(first === undefined ? [] : [idOf(first), idOf(first)])
  await ended.getByText("delivered").waitFor()
  await ended.getByRole("button", { name: /^turn\.ended/ }).click()
  await ended.getByText(/answered 204 after \d/).waitFor()

  await card(page).getByRole("button", { name: "Rotate secret" }).click()
  await form.getByRole("button", { name: "Make a new secret" }).click()
  const rotated = page.getByRole("region", { name: `The new secret of ${receiver.url}` })
  const next = (await rotated.locator("code").textContent()) ?? ""
  expect([next.startsWith("whsec_"), next === secret]).toEqual([true, false])
  await form.waitFor({ state: "detached" })

  await card(page).getByRole("button", { name: "Remove" }).click()
  await form.getByRole("button", { name: "Remove" }).click()
  await card(page).waitFor({ state: "detached" })
  expect((await at.house.call("GET", "/v1/webhooks")).body).toMatchObject({ items: [] })
  expect(errors).toEqual([])
})

test("an address inside is refused with what to do, and the form keeps what was typed", async () => {
  const { page } = await at.open("/webhooks")
  await page.getByRole("button", { name: "Add a webhook" }).click()
  const form = page.getByRole("dialog")
  await form.getByLabel("Address").fill("http://10.0.0.7/hook")
  await form.getByRole("button", { name: "Add it" }).click()
  await page
    .getByText(/TWOLANE_WEBHOOK_HOSTS/)
    .first()
    .waitFor()
  expect(await form.getByLabel("Address").inputValue()).toBe("http://10.0.0.7/hook")
})

test("a receiver that fails is told of with what waits, and one that is gone with what to do", async () => {
  await at.house.call("POST", "/v1/webhooks", { url: receiver.url, labels: ["night"] })
  status = 500
  const { page } = await at.open("/webhooks")
  await card(page).getByRole("button", { name: "Send a test" }).click()
  await card(page)
    .getByText(/The test message was not taken: answered 500 after/)
    .waitFor()
  await card(page).getByText("The last try failed.").waitFor()
  await at.house.call("POST", "/v1/tasks", {
    repo: "shop",
    lane: "deep",
    prompt: "say it",
    labels: ["night"],
  })
  await card(page).getByRole("button", { name: "What was sent" }).click()
  const log = card(page).getByRole("list", { name: "Deliveries" })
  await log
    .getByText(/waits, is tried again in \d/)
    .first()
    .waitFor()
  for (const { name, ...look } of looks) {
    const other = await at.open("/webhooks", look)
    await card(other.page).getByRole("button", { name: "What was sent" }).click()
    await card(other.page).getByRole("list", { name: "Deliveries" }).waitFor()
    expect([name, await accessProblems(other.page)]).toEqual([name, []])
    await other.page.getByRole("button", { name: "Add a webhook" }).click()
    await other.page.getByText("Events: every one").click()
    expect([name, await accessProblems(other.page)]).toEqual([name, []])
    await other.page.context().close()
  }
  status = 410
  await at.house.call("POST", "/v1/tasks", {
    repo: "shop",
    lane: "deep",
    prompt: "say it",
    labels: ["night"],
  })
  await page.reload()
  await card(page)
    .getByText(/Nothing is sent any more since .*410 Gone/)
    .waitFor()
})

test("who is no admin has no webhooks in the navigation, and is told so at their address", async () => {
  const { body: key } = await at.house.call("POST", "/v1/keys", { name: "Max", role: "member" })
  const { body: link } = await at.house.call("POST", "/v1/sign-in-links", { key: (key as { id: string }).id })
  const page = await (await at.browser.newContext()).newPage()
  await page.goto((link as { url: string }).url)
  await page.getByRole("navigation").getByRole("link", { name: "Repos" }).waitFor()
  expect(await page.getByRole("link", { name: "Webhooks" }).count()).toBe(0)
  await page.goto(`${at.house.url}/webhooks`)
  await page
    .getByText(/needs the role admin/)
    .first()
    .waitFor()
  expect(await page.getByRole("button", { name: "Add a webhook" }).count()).toBe(0)
  await page.context().close()
})
