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

const patient = { timeout: 20_000 }

let at: TestPage
beforeAll(async () => {
  at = await startShop({ script, fastWorkers: 1 })
}, 60_000)
afterAll(() => at[Symbol.asyncDispose]())

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
      .poll(
        async () => (await at.house.call("GET", `/v1/tasks?q=${encodeURIComponent(prompt)}`)).body,
        patient,
      )
      .toMatchObject({ items: [{ origin: "page", status: "succeeded" }] })
    expect(errors).toEqual([])
  },
)

test("who asks for a change of files that another task works on is told", async () => {
  const other = await at.house.call("POST", "/v1/tasks", {
    repo: "shop",
    lane: "deep",
    prompt: "Mend it and think on",
  })
  const { id } = other.body as { id: string }
  await expect
    .poll(async () => (await at.house.call("GET", `/v1/tasks/${id}/events`)).text, patient)
    .toContain("patch.applied")
  const { page } = await at.open("/ask?lane=deep&prompt=Look+at+a.txt+too")
  await page.getByRole("button", { name: "Ask", exact: true }).click()
  const notice = page.getByRole("region", { name: "Notices" })
  await notice.getByText("Another task works on the same files").waitFor()
  expect(await notice.textContent()).toContain("“Mend it and think on” touches a.txt")
  await at.house.call("POST", `/v1/tasks/${id}/cancel`, {})
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
})
