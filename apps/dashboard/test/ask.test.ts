import { call, type Script, say } from "@twolane/testkit"
import { afterAll, beforeAll, expect, test } from "vitest"
import { accessProblems, looks } from "./check-access.ts"
import type { TestPage } from "./start-page.ts"
import { startShop } from "./start-shop.ts"

const patch = "*** Begin Patch\n*** Update File: a.txt\n@@\n-a\n+b\n*** End Patch\n"
/** One task changes a file and then goes on thinking. */
const script: Script = ({ items }) => {
  const said = JSON.stringify(items)
  if (!said.includes("think on")) return say("Nothing is to change.")
  return said.includes("apply_patch")
    ? { ...say("So be it."), delayMs: 60_000 }
    : call(["apply_patch", patch])
}

let at: TestPage
beforeAll(async () => {
  at = await startShop({ script, fastWorkers: 1 })
})
afterAll(() => at[Symbol.asyncDispose]())

const tomorrow = () => Date.now() + 86_400_000

const submit = async (prompt: string, more: Record<string, unknown> = {}): Promise<string> => {
  const answer = await at.house.call("POST", "/v1/tasks", { repo: "shop", lane: "deep", prompt, ...more })
  expect(answer.status, answer.text).toBe(202)
  return (answer.body as { id: string }).id
}

test.each(["Fast", "Deep", "Auto"])(
  "a task is asked for in the lane %s, and its view is opened",
  async lane => {
    const { page, errors } = await at.open("/ask")
    await page.getByRole("radio", { name: lane }).check({ force: true })
    const prompt = `What does a.txt say, asked in ${lane}?`
    await page.getByRole("textbox", { name: "What is to change" }).fill(prompt)
    // From anywhere in the form.
    await page.getByRole("radio", { name: lane }).focus()
    await page.keyboard.press("Control+Enter")
    await page.waitForURL(/\/tasks\/task_/)
    await page.getByRole("heading", { name: prompt }).waitFor()
    await expect
      .poll(async () => (await at.house.call("GET", `/v1/tasks?q=${encodeURIComponent(prompt)}`)).body)
      .toMatchObject({ items: [{ origin: "page", status: "succeeded" }] })
    expect(errors).toEqual([])
  },
)

test("who asks for a change of files that another task works on is told", async () => {
  const id = await submit("Mend it and think on")
  // The gateway asks for a repo's tasks at work once a second: it is told of the change when it says so.
  const later = await submit("Look at a.txt tomorrow", { notBefore: tomorrow() })
  await expect
    .poll(async () => (await at.house.call("GET", `/v1/tasks/${later}`)).body)
    .toMatchObject({ overlaps: [{ task: id }] })
  const { page } = await at.open("/ask?lane=deep&prompt=Look+at+a.txt+too")
  await page.getByRole("button", { name: "Ask", exact: true }).click()
  const notice = page.getByRole("region", { name: "Notices" })
  await notice.getByText("Another task works on the same files").waitFor()
  expect(await notice.textContent()).toContain("“Mend it and think on” touches a.txt")
  for (const task of [id, later]) await at.house.call("POST", `/v1/tasks/${task}/cancel`, {})
})

test("a task that waits for another is asked for by picking that one, says so, and begins once it has succeeded", async () => {
  const first = await submit("Settle the names, and think on")
  const { page, errors } = await at.open("/ask?lane=deep&prompt=Then+use+them")
  await page.getByText("More options").click()
  const pick = page.getByRole("combobox", { name: "After" })
  await pick.fill("settle the nam")
  await page.getByRole("listbox", { name: "Open tasks" }).getByRole("option").first().waitFor()
  await pick.press("Enter")
  await page.getByRole("list", { name: "After: chosen tasks" }).getByText("Settle the names").waitFor()
  await page.getByRole("button", { name: "Ask", exact: true }).click()
  await page.getByRole("heading", { name: "Then use them" }).waitFor()
  const waits = page.getByText("Not in line yet: waits for “Settle the names, and think on” to succeed")
  await waits.waitFor()
  const id = new URL(page.url()).pathname.slice("/tasks/".length)
  const { page: queue } = await at.open("/")
  const row = queue.locator(`[data-row="${id}"]`)
  await row.getByText("waits for “Settle the names, and think on” to succeed").waitFor()
  expect(await row.textContent()).not.toContain("#")

  await waits.getByRole("link", { name: "“Settle the names, and think on”" }).click()
  await page.waitForURL(`${at.house.url}/tasks/${first}`)
  await page.getByRole("button", { name: "Interrupt" }).click()
  await row.getByText("Failed", { exact: true }).waitFor()
  expect(await row.textContent()).toContain(
    "dependency-failed: it waited for “Settle the names, and think on”, which ended canceled",
  )
  expect(errors).toEqual([])
})

test("one key asks for what comes after a task that is open, and it begins when that one has succeeded", async () => {
  const first = await submit("Plan it", { plan: "approve" })
  const { page, errors } = await at.open(`/tasks/${first}`)
  await page.getByRole("button", { name: "Allow" }).waitFor()
  await page.keyboard.press("t")
  await page.getByRole("list", { name: "After: chosen tasks" }).getByText("Plan it").waitFor()
  await page.getByRole("textbox", { name: "What is to change" }).fill("Do what was planned")
  await page.keyboard.press("Control+Enter")
  await page.getByText("Not in line yet: waits for “Plan it” to succeed").waitFor()
  const { page: other } = await at.open(`/tasks/${first}`)
  await other.getByRole("button", { name: "Allow" }).click()
  await page.locator("[data-entry=ended]").getByText("Succeeded").waitFor()
  await page.locator("[data-entry=note]").getByText("Queued again: “Plan it” succeeded").waitFor()
  expect(errors).toEqual([])
})

test("a time to begin at is asked for and told in the reader's zone", async () => {
  const zone = { timezoneId: "Asia/Kathmandu" }
  const { page, errors } = await at.open("/ask?lane=deep&prompt=Tidy+up+at+night", zone)
  await page.getByText("More options").click()
  await page.getByText(/start at once without one\. In your time zone, Asia.Kath?mandu\./).waitFor()
  const at2099 = Date.UTC(2099, 4, 31, 16, 45)
  await page.getByLabel("Not before").fill("2099-05-31T22:30")
  await page.getByRole("button", { name: "Ask", exact: true }).click()
  await page.getByText(/Not in line yet: .*not before 31 May 2099 22:30/).waitFor()
  const id = new URL(page.url()).pathname.slice("/tasks/".length)
  const { body } = await at.house.call("GET", `/v1/tasks/${id}`)
  expect(body).toMatchObject({ queue: { notBefore: at2099 } })
  await page.goto(`${at.house.url}/`)
  await page.locator(`[data-row="${id}"]`).getByText("not before 31 May 2099 22:30").waitFor()
  await at.house.call("POST", `/v1/tasks/${id}/cancel`, {})
  expect(errors).toEqual([])
})

test("a time by which it must have begun is asked for and told, and one that has passed is refused by its name", async () => {
  const { page, errors } = await at.open("/ask?lane=deep&prompt=Tidy+up+before+morning", {
    timezoneId: "UTC",
  })
  await page.getByText("More options").click()
  await page.getByText(/It ends unless it has begun by then; .* In your time zone, UTC\./).waitFor()
  await page.getByLabel("Start by").fill("2020-01-01T06:00")
  await page.getByText("That has passed: it could never begin.").waitFor()
  await page.getByRole("button", { name: "Ask", exact: true }).click()
  const notice = page.getByRole("region", { name: "Notices" })
  await notice.getByText("startBy: must be a time to come").first().waitFor()
  await page.getByLabel("Not before").fill("2099-05-31T22:30")
  await page.getByLabel("Start by").fill("2099-06-01T06:00")
  await page.getByRole("button", { name: "Ask", exact: true }).click()
  await page
    .getByText(/not before 31 May 2099 22:30; it ends unless it begins by 1 Jun 2099 06:00/)
    .first()
    .waitFor()
  const id = new URL(page.url()).pathname.slice("/tasks/".length)
  const { body } = await at.house.call("GET", `/v1/tasks/${id}`)
  expect(body).toMatchObject({ queue: { startBy: Date.UTC(2099, 5, 1, 6) } })
  await at.house.call("POST", `/v1/tasks/${id}/cancel`, {})
  // The browser itself says that the gateway refused it.
  expect(errors.filter(error => !error.includes("422"))).toEqual([])
})

test("a race begins at once: the form says so, and does not send what it was to wait for", async () => {
  const { page } = await at.open("/ask?lane=auto&prompt=What+does+it+say+first")
  await page.getByText("More options").click()
  await page.getByLabel("Not before").fill("2099-05-31T22:30")
  await page.getByRole("combobox", { name: "Who tries it" }).selectOption("A race: one fast, one deep")
  await page.getByText("A race begins at once.").waitFor()
  expect(await page.getByLabel("Not before").count()).toBe(0)
  await page.getByLabel("Start by").waitFor()
  await page.getByRole("button", { name: "Ask", exact: true }).click()
  await page.getByRole("region", { name: "Race" }).waitFor()
})

test("a fast task begins at once: the form says so, and does not send what it was to wait for", async () => {
  const { page } = await at.open("/ask?lane=deep&prompt=What+does+it+say")
  await page.getByText("More options").click()
  await page.getByLabel("Not before").fill("2099-05-31T22:30")
  await page.getByRole("group", { name: "Lane" }).getByText("Fast", { exact: true }).click()
  await page.getByText("A fast task begins at once").waitFor()
  expect(await page.getByLabel("Not before").count()).toBe(0)
  await page.getByRole("button", { name: "Ask", exact: true }).click()
  await page.locator("[data-entry=ended]").getByText("Succeeded").waitFor()
})

test("what is typed is there after a reload, and a link may prepare it", async () => {
  const { page } = await at.open("/ask?lane=deep&prompt=Tidy+up")
  const text = page.getByRole("textbox", { name: "What is to change" })
  expect(await text.inputValue()).toBe("Tidy up")
  expect(await page.getByRole("radio", { name: "Deep" }).isChecked()).toBe(true)
  await page.goto(`${at.house.url}/ask`)
  await text.fill("Half a thought")
  await page.reload()
  expect(await text.inputValue()).toBe("Half a thought")
})

test("what the gateway refuses is said with its reason, and the text stays", async () => {
  const { page } = await at.open("/ask?lane=deep&prompt=Tidy+up")
  await page.getByText("More options").click()
  await page.getByRole("textbox", { name: "Base" }).fill("no-such-branch")
  await page.getByRole("button", { name: "Ask", exact: true }).click()
  await page.getByText("Asking: the base is no branch, tag or commit of the repo").waitFor()
  expect(await page.getByRole("textbox", { name: "What is to change" }).inputValue()).toBe("Tidy up")
})

test.each(looks)("asking has no accessibility problem: $name", async ({ name: _name, ...look }) => {
  const { page } = await at.open("/ask", look)
  await page.getByText("More options").click()
  expect(await accessProblems(page)).toEqual([])
  await submit("Plan what is found", { plan: "approve" })
  const pick = page.getByRole("combobox", { name: "After" })
  await pick.fill("what is found")
  await page
    .getByRole("option", { name: /Plan what is found/ })
    .first()
    .waitFor()
  expect(await accessProblems(page)).toEqual([])
  await pick.press("Enter")
  await page.getByRole("button", { name: "Do not wait for Plan what is found" }).waitFor()
  expect(await accessProblems(page)).toEqual([])
})
