import { call, type Reply, type Script, say } from "@twolane/testkit"
import type { Page } from "playwright-core"
import { afterAll, beforeAll, expect, test } from "vitest"
import { accessProblems, looks } from "./check-access.ts"
import { type Shop, startShop } from "./start-shop.ts"

const patch = (from: string, to: string): string =>
  `*** Begin Patch\n*** Update File: greet.js\n@@\n-${from}\n+${to}\n*** End Patch`
const hello = 'export const greet = name => "Hello " + name'
const hostile =
  '<img src=x onerror="document.title=1"> <script>document.title=2</script> ![x](https://evil.example/x.png)'

/** The model does what the last prompt names. */
const script: Script = ({ items }) => {
  const said = JSON.stringify(items)
  const prompts = items.filter(item => item.role === "user").map(item => JSON.stringify(item))
  const last = prompts.at(-1) ?? ""
  const answered = JSON.stringify(items.at(-1)).includes("call_output")
  if (said.includes("say something hostile")) return say(hostile)
  if (last.includes("count slowly")) return slowly
  if (last.includes("run a colourful command") && !answered)
    return call(["shell", { command: "printf '\\033[31mred\\033[0m \\033]0;title\\007plain\\n'" }])
  if (last.includes("Louder") && !answered)
    return call(["apply_patch", patch(hello.replace("Hello", "Good day"), hello.replace("Hello", "HELLO"))])
  if (last.includes("greet politely") && !answered)
    return call(["apply_patch", patch(hello, hello.replace("Hello", "Good day"))])
  return say("Done.")
}
const slowly: Reply = {
  items: [{ type: "message", text: "one two three four ".repeat(400) }],
  tokensPerSecond: 40,
}

let at: Shop
beforeAll(async () => {
  at = await startShop({
    script,
    files: {
      "greet.js": `${hello}\n`,
      "greet.test.js": 'import test from "node:test"\ntest("it is there", () => {})\n',
      "package.json": '{ "type": "module", "scripts": { "test": "node --test" } }\n',
    },
    fastWorkers: 1,
  })
})
afterAll(() => at[Symbol.asyncDispose]())

const submit = async (prompt: string, more: Record<string, unknown> = {}): Promise<string> => {
  const body = { repo: "shop", lane: "deep", prompt, ...more }
  const answer = await at.house.call("POST", "/v1/tasks", body)
  expect(answer.status).toBe(202)
  return (answer.body as { id: string }).id
}

const openTask = async (id: string) => await at.open(`/tasks/${id}`)
const entries = (page: Page, kind: string) => page.locator(`[data-entry=${kind}]`)

test("a task is read from its prompt to its end: patch, diff, tests, outcome, marks", async () => {
  const { page, errors } = await openTask(await submit("greet politely"))
  await entries(page, "ended").getByText("Succeeded").waitFor()
  expect(await entries(page, "prompt").textContent()).toContain("greet politely")
  await entries(page, "patch").getByText("Good day").waitFor()
  await page.locator("[data-entry=tests][data-status=passed]").waitFor()
  const marks = await page.getByLabel("Timings and cost").textContent()
  expect(marks).toMatch(/First token[\d.]+ m?s.*First edit[\d.]+ m?s.*Green[\d.]+ m?s/)
  expect(errors).toEqual([])
})

test("a comment on a line of the change becomes the next turn, and the change is accepted", async () => {
  const id = await submit("greet politely")
  const { page, errors } = await openTask(id)
  await entries(page, "ended").waitFor()
  await page.getByRole("link", { name: /^Changes/ }).click()
  await page.locator(".diff-gutter-insert").first().click()
  await page.getByLabel("Comment on greet.js line 1").fill("Louder, please")
  await page.getByRole("button", { name: "Ask the deep lane" }).click()
  await page.getByRole("link", { name: "Conversation" }).click()
  await entries(page, "ended").nth(1).waitFor()
  const asked = await entries(page, "prompt").nth(1).textContent()
  expect(asked).toContain("greet.js:1")
  expect(asked).toContain("Louder, please")
  await page.getByRole("button", { name: /^Accept/ }).click()
  await page.getByRole("button", { name: "Push the branch" }).click()
  await page.getByText("Accepted", { exact: true }).waitFor()
  const task = (await at.house.call("GET", `/v1/tasks/${id}`)).body as { review: string; branch: string }
  expect(task.review).toBe("accepted")
  expect(await at.repo.git("show", `${task.branch}:greet.js`)).toContain("HELLO")
  expect(errors).toEqual([])
})

test("a running turn streams, hears a steer, and an interrupt is shown as asked for, then as proven", async () => {
  const { page, errors } = await openTask(await submit("count slowly"))
  const live = page.locator("[data-entry=message][data-live]")
  await live.getByText("one two three").waitFor()
  await page.getByLabel("Steer", { exact: true }).fill("faster")
  await page.keyboard.press("Enter")
  await entries(page, "steer").getByText("faster").waitFor()
  await page.getByLabel("Steer", { exact: true }).blur()
  await page.keyboard.press("Escape")
  await entries(page, "cancel").getByText("Nothing runs any more").waitFor()
  await entries(page, "ended").getByText("Canceled").waitFor()
  expect(await page.locator("[data-entry=steer][data-answer=open]").count()).toBe(0)
  expect(errors).toEqual([])
})

test("one key hands a fast task to the deep lane, which goes on with it", async () => {
  const sent = fetch(`${at.house.url}/v1/tasks?onDisconnect=continue`, {
    method: "POST",
    headers: {
      authorization: `Bearer ${at.house.apiKey}`,
      "content-type": "application/json",
      accept: "text/event-stream",
    },
    body: JSON.stringify({ repo: "shop", lane: "fast", prompt: "count slowly" }),
  })
  const { page, errors } = await at.open("/")
  const row = page.locator("[data-row]").filter({ hasText: "count slowly" }).filter({ hasText: "Running" })
  await row.first().click()
  await page.locator("[data-entry=message][data-live]").waitFor()
  await page.keyboard.press("h")
  await entries(page, "handoff").waitFor()
  await entries(page, "ended").getByText("Handed off").waitFor()
  await page.keyboard.press("x")
  await entries(page, "ended").getByText("Canceled").waitFor()
  await (await sent).body?.cancel()
  expect(errors).toEqual([])
})

test("a lost connection leaves no gap and nothing twice", async () => {
  const id = await submit("count slowly")
  const { page } = await openTask(id)
  await page.locator("[data-entry=message][data-live]").waitFor()
  await page.context().setOffline(true)
  await at.house.call("POST", `/v1/tasks/${id}/interrupt`, {})
  await at.house.call("POST", `/v1/tasks/${id}/turns`, { prompt: "greet politely", lane: "deep" })
  await page.context().setOffline(false)
  await entries(page, "ended").nth(1).waitFor()
  expect(await entries(page, "prompt").count()).toBe(2)
  expect(await entries(page, "cancel").count()).toBe(1)
  expect(await entries(page, "ended").count()).toBe(2)
})

test("what a model or a program says is text: no markup, no image, no escape sequence", async () => {
  const { page } = await openTask(await submit("say something hostile"))
  await entries(page, "message").getByText("<img src=x").waitFor()
  expect(await page.title()).toContain("say something hostile")
  expect(await page.locator("article img, article script").count()).toBe(0)
  const colourful = await openTask(await submit("run a colourful command"))
  // While it runs it is open, and a click would close it.
  await entries(colourful.page, "ended").waitFor()
  await entries(colourful.page, "tool").first().getByRole("button").click()
  expect(await entries(colourful.page, "tool").locator(".ansi-1").textContent()).toBe("red")
  expect(await entries(colourful.page, "tool").first().textContent()).not.toContain("title\u0007")
})

test("who watches stays at the end of what is written, and who has scrolled up is left alone", async () => {
  const { page } = await openTask(await submit("count slowly"))
  await page.setViewportSize({ width: 800, height: 420 })
  const rest = () =>
    page.locator("#view").evaluate(view => view.scrollHeight - view.scrollTop - view.clientHeight)
  const live = page.locator("[data-entry=message][data-live]")
  await live.getByText(/(?:one two three four ){60}/).waitFor()
  expect(await rest()).toBeLessThan(120)
  await page.locator("#view").evaluate(view => view.scrollTo({ top: 0 }))
  const length = (await live.textContent())?.length ?? 0
  await expect.poll(async () => (await live.textContent())?.length).toBeGreaterThan(length)
  expect(await page.locator("#view").evaluate(view => view.scrollTop)).toBe(0)
  await page.keyboard.press("x")
  await entries(page, "ended").getByText("Canceled").waitFor()
})

test("lines of a change are gone through and remarked on from the keyboard, and the remark outlives a look elsewhere", async () => {
  const id = await submit("greet politely")
  const { page, errors } = await openTask(id)
  await entries(page, "ended").waitFor()
  await page.keyboard.press("2")
  await page.locator("[data-line=insert]").first().waitFor()
  await page.keyboard.press("j")
  await page.keyboard.press("j")
  await page.keyboard.press("Enter")
  await page.keyboard.type("Louder, please")
  await page.keyboard.press("Escape")
  await page.getByRole("link", { name: "Conversation" }).click()
  await page.getByRole("link", { name: /^Changes/ }).click()
  await page.getByText("1 comment for the next turn").waitFor()
  expect(await page.getByLabel("Comment on greet.js line 1").inputValue()).toBe("Louder, please")
  expect(errors).toEqual([])
})

test("a change is undone, and discarded only after a question", async () => {
  const id = await submit("greet politely")
  const { page } = await openTask(id)
  // The keys are those of the buttons, which come with the task as it is now.
  await page.getByRole("button", { name: "Undo" }).waitFor()
  await page.keyboard.press("u")
  await entries(page, "note").getByText("went back to the base").waitFor()
  await page.getByText("Gone back one checkpoint").waitFor()
  await page.keyboard.press("d")
  await page.getByRole("dialog").getByRole("button", { name: "Leave it" }).click()
  expect(await page.getByText("Discarded", { exact: true }).count()).toBe(0)
  await page.keyboard.press("d")
  await page.getByRole("dialog").getByRole("button", { name: "Discard" }).click()
  await page.getByText("Discarded", { exact: true }).first().waitFor()
})

test("an address of no task says so, and where to go", async () => {
  const { page } = await at.open("/tasks/task_00000000000000000000000000")
  await page.getByText("There is no such task").waitFor()
  await page.getByRole("link", { name: "Go to the queue" }).click()
  await page.waitForURL(`${at.house.url}/`)
  expect(await page.getByRole("heading", { level: 1 }).textContent()).toBe("Queue")
})

test.each(looks)(
  "a task and its change have no accessibility problem: $name",
  async ({ name: _name, ...look }) => {
    const id = await submit("greet politely")
    const { page } = await at.open(`/tasks/${id}`, look)
    await entries(page, "ended").waitFor()
    await page.locator("[data-entry=patch] table").waitFor()
    expect(await accessProblems(page)).toEqual([])
    await page.keyboard.press("2")
    await page.locator("[data-line=insert]").first().waitFor()
    expect(await accessProblems(page)).toEqual([])
  },
)
