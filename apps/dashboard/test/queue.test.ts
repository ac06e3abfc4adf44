import { sample } from "@twolane/protocol"
import { type Script, say } from "@twolane/testkit"
import { afterAll, beforeAll, expect, test } from "vitest"
import { accessProblems, looks } from "./check-access.ts"
import { startCable } from "./start-cable.ts"

import { type Shop, startShop } from "./start-shop.ts"

const plan = "First the parser, then the rest."
const script: Script = ({ items }) => {
  const said = JSON.stringify(items)
  return say(said.includes("plan first") && !said.includes(plan) ? plan : "Done.")
}

let at: Shop
beforeAll(async () => {
  at = await startShop({ script })
})
afterAll(() => at[Symbol.asyncDispose]())

const submit = async (prompt: string, more: Record<string, unknown> = {}): Promise<string> => {
  const answer = await at.house.call("POST", "/v1/tasks", { repo: "shop", lane: "deep", prompt, ...more })
  expect(answer.status).toBe(202)
  return (answer.body as { id: string }).id
}

test("where the sample is registered, the empty queue offers what there is to try", async () => {
  await at.house.call("POST", "/v1/repos", { name: sample.repo, source: at.repo.path })
  const { page } = await at.open("/")
  await page.getByRole("link", { name: sample.prompt }).click()
  const text = page.getByRole("textbox", { name: "What is to change" })
  expect(await text.inputValue()).toBe(sample.prompt)
  expect(await page.getByRole("combobox", { name: "Repo" }).inputValue()).toBe(sample.repo)
  expect(await page.getByRole("radio", { name: "Fast" }).isChecked()).toBe(true)
  await at.house.call("DELETE", `/v1/repos/${sample.repo}`)
})

test("a task that somebody submits shows up and ends without reloading", async () => {
  const { page, errors } = await at.open("/")
  await page.getByText("Nothing has been asked yet").waitFor()
  await page.getByRole("status").getByText("Live").waitFor()
  const id = await submit("Write a haiku about queues", { labels: ["poetry"] })
  const row = page.locator(`[data-row="${id}"]`)
  await row.getByText("Succeeded").waitFor()
  expect(await row.textContent()).toContain("Write a haiku about queues")
  expect(errors).toEqual([])
})

test("an address that no view has says so, with the way on around it", async () => {
  const { page, errors } = await at.open("/nowhere/at/all")
  await page.getByText("There is no such page").waitFor()
  await page.getByRole("navigation").getByRole("link", { name: "Numbers" }).waitFor()
  await page.getByRole("link", { name: "Go to the queue" }).click()
  await page.waitForURL(`${at.house.url}/`)
  expect(errors).toEqual([])
})

test("a lane is paused on the page, what waits says so, and goes on when it is resumed", async () => {
  const { page, errors } = await at.open("/")
  await page.getByRole("button", { name: "Pause the deep lane" }).click()
  await page.getByText("Paused").waitFor()
  const id = await submit("Wait for it")
  const row = page.locator(`[data-row="${id}"]`)
  await row.getByText("#1").waitFor()
  expect(await row.textContent()).toContain("paused")
  await page.getByRole("button", { name: "Resume the deep lane" }).click()
  await row.getByText("Succeeded").waitFor()
  expect(errors).toEqual([])
})

test("a plan that waits for a person is answered in the queue", async () => {
  const { page, errors } = await at.open("/")
  const id = await submit("Split the module; plan first", { plan: "approve" })
  await page.getByRole("heading", { name: "One question waits for a person" }).waitFor()
  const card = page.getByRole("listitem").filter({ hasText: plan }).first()
  await card.getByRole("textbox").fill("Keep the old name.")
  await card.getByRole("button", { name: "Allow" }).click()
  await page.locator(`[data-row="${id}"]`).getByText("Succeeded").waitFor()
  const decided = await at.house.call("GET", `/v1/tasks/${id}/events`)
  expect(decided.text).toContain('"note":"Keep the old name."')
  expect(errors).toEqual([])
})

test("filters stand in the address, and a shared address shows the same tasks", async () => {
  await submit("Rename the invoice", { labels: ["billing"] })
  const { page } = await at.open("/")
  await page.getByRole("searchbox", { name: "Label" }).fill("billing")
  await page.waitForURL(/label=billing/)
  await page.getByRole("combobox", { name: "Lane" }).selectOption("deep")
  await page.waitForURL(/lane=deep/)
  const shared = await at.open(new URL(page.url()).pathname + new URL(page.url()).search)
  await shared.page.getByText("Rename the invoice").waitFor()
  await expect.poll(() => shared.page.locator("[data-row]").count()).toBe(1)
  await shared.page.getByRole("searchbox", { name: "Text in title or prompt" }).fill("nothing like it")
  await shared.page.getByText("No task is like that").waitFor()
  await shared.page.getByRole("button", { name: "Show all tasks" }).click()
  await shared.page.waitForURL(`${at.house.url}/`)
  await expect.poll(() => shared.page.locator("[data-row]").count()).toBeGreaterThan(1)
})

test("everything is reached by keyboard: rows, the filter, the list of keys, the palette", async () => {
  const id = await submit("Found by its name")
  const { page } = await at.open("/")
  // A row that goes to another group takes its place there, and the cursor stays where it was.
  await page.locator(`[data-row="${id}"]`).getByText("Succeeded").waitFor()
  await page.keyboard.press("?")
  await page.getByRole("dialog", { name: "Keys" }).getByText("Go to Queue").waitFor()
  await page.keyboard.press("Escape")
  await page.keyboard.press("/")
  expect(await page.evaluate("document.activeElement.getAttribute('aria-label')")).toBe(
    "Text in title or prompt",
  )
  await page.keyboard.press("Escape")
  await page.keyboard.press("j")
  await page.keyboard.press("j")
  await page.keyboard.press("k")
  const first = await page.locator("[data-row]").first().getAttribute("data-row")
  expect(await page.evaluate("document.activeElement.dataset.row")).toBe(first)
  await page.keyboard.press("Enter")
  await page.waitForURL(`${at.house.url}/tasks/${first}`)
  await page.keyboard.press("g")
  await page.keyboard.press("q")
  await page.waitForURL(`${at.house.url}/`)
  await page.keyboard.press("Control+k")
  await page.getByRole("combobox", { name: /Go to a view/ }).fill("found by its")
  await page.getByRole("option", { name: /Found by its name/ }).waitFor()
  await page.keyboard.press("Enter")
  await page.getByRole("heading", { name: "Found by its name" }).waitFor()
})

test("a connection that breaks is said and made again, and nothing of between is missing", async () => {
  await using cable = await startCable(at.house.url)
  const page = await at.browser.newPage()
  await page.goto((await at.link()).replace(at.house.url, cable.url))
  await page.getByRole("status").getByText("Live").waitFor()
  cable.pull()
  await page.getByText("The connection broke").waitFor()
  const id = await submit("Asked while the page was away")
  cable.plug()
  await page.locator(`[data-row="${id}"]`).getByText("Succeeded").waitFor()
  await page.getByRole("status").getByText("Live").waitFor()
  expect(await page.locator(`[data-row="${id}"]`).count()).toBe(1)
  await page.close()
})

test("hostile text is shown as text", async () => {
  const text = '<img src=x onerror="document.title=1"> </script><script>alert(1)</script> \u202egnp.exe'
  const id = await submit(text)
  const { page, errors } = await at.open("/")
  await page.locator(`[data-row="${id}"]`).getByText("Succeeded").waitFor()
  expect(await page.locator(`[data-row="${id}"]`).textContent()).toContain("<img src=x")
  expect(await page.locator("main img, main script").count()).toBe(0)
  expect(errors).toEqual([])
})

test.each(looks)("the queue has no accessibility problem: $name", async ({ name: _name, ...look }) => {
  const { page } = await at.open("/", look)
  await page.getByRole("heading", { name: "Ended" }).waitFor()
  expect(await accessProblems(page)).toEqual([])
  await page.keyboard.press("?")
  await page.getByRole("dialog", { name: "Keys" }).waitFor()
  expect(await accessProblems(page)).toEqual([])
  await page.keyboard.press("Escape")
  await page.keyboard.press("Control+k")
  await page.getByRole("listbox").waitFor()
  expect(await accessProblems(page)).toEqual([])
  await page.getByRole("combobox", { name: /Go to a view/ }).fill("nothing is called that")
  await page.getByText("Nothing is called that.").waitFor()
  expect(await accessProblems(page)).toEqual([])
})
