import { readFile } from "node:fs/promises"
import type { Key } from "@twolane/protocol"
import { call, type Reply, type Script, say } from "@twolane/testkit"
import type { Page } from "playwright-core"
import { afterAll, beforeAll, expect, test } from "vitest"
import { headText, readHead } from "../src/views/audit/head.ts"
import { readAuditSearch } from "../src/views/audit/search.ts"
import { accessProblems, looks } from "./check-access.ts"
import { copiedIn } from "./copied.ts"
import { complaintsOf } from "./start-page.ts"
import { type Shop, startShop } from "./start-shop.ts"

const patch = "*** Begin Patch\n*** Update File: greet.js\n@@\n-hello\n+good day\n*** End Patch"
const slowly: Reply = {
  items: [{ type: "message", text: "one two three four ".repeat(800) }],
  tokensPerSecond: 10,
}
const script: Script = ({ items }) => {
  const said = JSON.stringify(items)
  if (said.includes("and go on") && !said.includes("call_output")) return call(["apply_patch", patch])
  return said.includes("and go on") ? slowly : say("Done.")
}

let at: Shop
beforeAll(async () => {
  at = await startShop({ script, files: { "greet.js": "hello\n" } })
})
afterAll(() => at[Symbol.asyncDispose]())

const submit = async (prompt: string): Promise<string> => {
  const answer = await at.house.call("POST", "/v1/tasks", { repo: "shop", lane: "deep", prompt })
  return (answer.body as { id: string }).id
}
const cancel = (id: string) => at.house.call("POST", `/v1/tasks/${id}/cancel`, {})
const keyOf = async (name: string): Promise<Key | undefined> =>
  ((await at.house.call("GET", "/v1/keys")).body as { items: Key[] }).items.find(key => key.name === name)

/** Goes to a view by its keys, once the page listens to them. */
const goBy = async (page: Page, key: string, name: string): Promise<void> => {
  await page.getByRole("status").getByText("Live").waitFor()
  await page.keyboard.press("g")
  await page.keyboard.press(key)
  await page.getByRole("heading", { level: 1, name }).waitFor()
}

/** Signs in by an invitation, in a browser profile of its own. */
const openAs = async (key: string, path: string): Promise<{ page: Page; errors: string[] }> => {
  const { body } = await at.house.call("POST", "/v1/sign-in-links", { key })
  const page = await (await at.browser.newContext()).newPage()
  const errors = complaintsOf(page)
  await page.goto((body as { url: string }).url)
  await page.waitForURL(`${at.house.url}/`)
  await page.goto(at.house.url + path)
  return { page, errors }
}

test("a head is kept as a word, and read from it alone", () => {
  const head = { seq: 12, mac: "ab_c-d=" }
  expect(readHead(headText(head))).toEqual(head)
  expect(["", "12", "ab 12", "12 ab cd"].map(readHead)).toEqual([null, null, null, null])
})

test("the audit's address takes anything, and keeps what is a filter", () => {
  expect(
    readAuditSearch({ action: "task.submit", by: "", object: 3, from: "2026-11-27", to: "2026-13-45" }),
  ).toEqual({ action: "task.submit", from: "2026-11-27" })
})

test("a repo is registered, given a secret and a credential that fits, tidied, and removed", async () => {
  const { page, errors } = await at.open("/")
  await goBy(page, "r", "Repos")
  await page.getByRole("button", { name: "Register a repo" }).click()
  const form = page.getByRole("dialog")
  await form.getByLabel("Name").fill("shop")
  await form.getByText("There is a repo of this name already.").waitFor()
  await form.getByLabel("Name").fill("books")
  await form.getByLabel("Source").fill(at.repo.path)
  await form.getByRole("button", { name: "Register" }).click()
  const card = page.getByRole("region", { name: "books", exact: true })
  await card.getByText(at.repo.path).waitFor()

  await card.getByRole("button", { name: "Set a secret of books" }).click()
  await form.getByLabel("Name").fill("NPM_TOKEN")
  await form.getByLabel("Value").fill("s3cr3t-value")
  await form.getByRole("button", { name: "Set it" }).click()
  await form.waitFor({ state: "detached" })
  await card.getByText("NPM_TOKEN").waitFor()
  expect(await page.content()).not.toContain("s3cr3t-value")
  await card.getByRole("button", { name: "Delete the secret NPM_TOKEN of books" }).click()
  await card.getByText("NPM_TOKEN").waitFor({ state: "detached" })
  expect(errors).toEqual([])

  // A path is asked without a credential: the gateway refuses one, and the form stays with what was typed.
  await card.getByRole("button", { name: "Set the credential of books" }).click()
  await form.getByLabel("Token").fill("ghp_1234")
  await form.getByRole("button", { name: "Set it" }).click()
  await page.getByText(/does not fit the source/).waitFor()
  expect(await form.getByLabel("Token").inputValue()).toBe("ghp_1234")
  await form.getByRole("button", { name: "Leave it" }).click()

  await card.getByRole("button", { name: "Tidy books" }).click()
  await card.getByText("tidied", { exact: true }).waitFor()
  await card.getByText(/mirror \d/).waitFor()

  await card.getByRole("button", { name: "Remove books" }).click()
  await form.getByRole("button", { name: "Remove" }).click()
  await card.waitFor({ state: "detached" })
})

test("a repo with an open task is not removed, and the page says what to do", async () => {
  const id = await submit("wait here and go on")
  const { page } = await at.open("/repos")
  await page.getByRole("button", { name: "Remove shop" }).click()
  await page.getByRole("dialog").getByRole("button", { name: "Remove" }).click()
  await page.getByText("Cancel its open turns first, or wait for their end.").waitFor()
  expect(await page.getByRole("region", { name: "shop", exact: true }).count()).toBe(1)
  await cancel(id)
})

test("a key is made and shown once, invites its person, who sees what the role may, and is revoked", async () => {
  const { page, errors } = await at.open("/")
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"])
  await goBy(page, "k", "Keys")
  await page.getByRole("button", { name: "Make a key" }).first().click()
  const form = page.getByRole("dialog")
  await form.getByLabel("Name").fill("Vera")
  await form.getByLabel("E-mail").fill("vera@example.org")
  await form.getByLabel("Role").selectOption("viewer")
  await form.getByRole("button", { name: "Make the key" }).click()
  const shown = page.getByRole("region", { name: "The key of Vera" })
  await shown.getByRole("button", { name: "Copy" }).click()
  await shown.getByText("Copied").waitFor()
  const secret = await copiedIn(page)
  const asVera = await at.house.call("GET", "/v1/me", undefined, { authorization: `Bearer ${secret}` })
  expect(asVera.body).toMatchObject({ key: { name: "Vera", email: "vera@example.org" }, role: "viewer" })

  await page.getByRole("button", { name: "Make a sign-in link for Vera" }).click()
  const link = await page
    .getByRole("region", { name: "A sign-in link for Vera" })
    .locator("code")
    .textContent()
  expect(await page.content()).not.toContain(secret)
  const vera = await (await at.browser.newContext()).newPage()
  await vera.goto(link ?? "")
  await vera.waitForURL(`${at.house.url}/`)
  await vera.getByRole("link", { name: "Repos" }).click()
  await vera.getByRole("region", { name: "shop", exact: true }).waitFor()
  expect(await vera.getByRole("main").getByRole("button").count()).toBe(0)
  expect(await vera.getByRole("navigation").getByRole("link").allInnerTexts()).not.toContain("Keys")

  await page.getByRole("button", { name: "Revoke the key of Vera" }).click()
  await form.getByRole("button", { name: "Revoke" }).click()
  await page.locator(`[data-key]`, { hasText: "Vera" }).waitFor({ state: "detached" })
  expect(await keyOf("Vera")).toBeUndefined()
  await vera.getByRole("heading", { name: "Sign in with a link" }).waitFor()
  await vera.context().close()
  expect(errors).toEqual([])
})

test("the log is narrowed, verified, also against a head from before, and exported", async () => {
  await at.house.call("POST", "/v1/queue/pause", { lane: "fast" })
  await at.house.call("POST", "/v1/queue/resume", { lane: "fast" })
  const { page } = await at.open("/")
  await goBy(page, "u", "Audit")
  await page.getByText("queue.pause").first().click()
  await page.getByRole("button", { name: "Only queue.pause" }).click()
  await page.waitForURL(/action=queue\.pause/)
  await page.getByText("queue.resume").waitFor({ state: "detached" })

  await page.getByRole("button", { name: "Verify the log" }).click()
  const whole = page.getByRole("region", { name: /The log is whole/ })
  const head = (await whole.locator("code").textContent()) ?? ""
  await page.getByLabel("A head that was kept elsewhere").fill(head)
  await page.getByRole("button", { name: "Verify the log" }).click()
  await page.getByText("It goes on from the head that was kept.").waitFor()
  await page.getByLabel("A head that was kept elsewhere").fill(head.replace(/:.*/, `:${"A".repeat(43)}`))
  await page.getByRole("button", { name: "Verify the log" }).click()
  await page.getByText("The log is not whole").waitFor()

  const saving = page.waitForEvent("download")
  await page.getByRole("button", { name: "Export JSON lines" }).click()
  const file = await saving
  expect(file.suggestedFilename()).toBe("twolane-audit.jsonl")
  const lines = (await readFile(await file.path(), "utf8")).trimEnd().split("\n")
  expect(lines.map(line => (JSON.parse(line) as { seq: number }).seq)).toEqual(
    lines.map((_, index) => index + 1),
  )
})

test("a task says which other open task works on its files", async () => {
  const one = await submit("mend it and go on")
  await expect
    .poll(async () => (await at.house.call("GET", `/v1/tasks/${one}/events`)).text)
    .toContain("patch.applied")
  const two = await submit("look at greet.js and go on")
  const { page, errors } = await at.open(`/tasks/${two}`)
  const note = page.getByRole("region", { name: "Overlaps" })
  await note.getByText("Works on 1 file that another open task works on too: mend it and go on").click()
  await note.getByText("greet.js").waitFor()
  expect(await accessProblems(page)).toEqual([])
  await note.getByRole("link", { name: "Open that task" }).click()
  await page.waitForURL(`${at.house.url}/tasks/${one}`)
  expect(errors).toEqual([])
  await cancel(one)
  await cancel(two)
})

test("looking back, a task that was quick in the deep lane should have been in the fast one", async () => {
  const id = await submit("say that it is done")
  const { page } = await at.open("/")
  await page.locator(`[data-row="${id}"]`).getByText("Succeeded").waitFor()
  await page.goto(`${at.house.url}/numbers`)
  const row = page.locator(`[data-hindsight="${id}"]`)
  await row.waitFor()
  expect(await row.textContent()).toMatch(/Deep[\s\S]*Fast[\s\S]*quick run \(it ran \d+ s\)/)
  await page.getByRole("button", { name: "Only the other lane" }).click()
  await row.waitFor()
  await page.getByLabel("How the tasks ended").selectOption("failed")
  await page.getByText("Each of these was in the right lane").waitFor()
})

test("an address that one's role may not see says so", async () => {
  await at.house.call("POST", "/v1/keys", { name: "Max", role: "member" })
  const max = await keyOf("Max")
  const { page } = await openAs(max?.id ?? "", "/audit")
  await page
    .getByText(/needs the role admin/)
    .first()
    .waitFor()
  expect(await page.getByRole("list", { name: "Records" }).count()).toBe(0)
  await page.context().close()
})

test("these views have no accessibility problem, in light and dark, on a desk and on a phone", async () => {
  await at.house.call("POST", "/v1/keys", {
    name: "Ada",
    email: "ada@example.org",
    expiresAt: Date.now() + 1,
  })
  for (const { name, ...look } of looks) {
    const { page } = await at.open("/repos", look)
    for (const [path, ready] of [
      ["/repos", page.getByRole("region", { name: "shop", exact: true })],
      ["/keys", page.getByText("ada@example.org")],
      ["/audit", page.getByText("repo.register").first()],
      ["/numbers", page.locator("[data-hindsight]").first()],
    ] as const) {
      await page.goto(at.house.url + path)
      await ready.waitFor()
      expect([name, path, await accessProblems(page)]).toEqual([name, path, []])
    }
    await page.context().close()
  }
})
