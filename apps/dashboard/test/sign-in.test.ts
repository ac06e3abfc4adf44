import { say } from "@twolane/testkit"
import { afterAll, beforeAll, expect, test } from "vitest"
import { accessProblems, looks } from "./check-access.ts"
import { complaintsOf, type TestPage } from "./start-page.ts"
import { startShop } from "./start-shop.ts"

let at: TestPage
beforeAll(async () => {
  at = await startShop({ script: () => say("Done.") })
})
afterAll(() => at[Symbol.asyncDispose]())

test("who is not signed in is told where a link comes from", async () => {
  const page = await at.browser.newPage()
  await page.goto(`${at.house.url}/?lane=deep`)
  await page.getByRole("heading", { name: "Sign in with a link" }).waitFor()
  expect(page.url()).toBe(`${at.house.url}/sign-in`)
  await page.close()
})

test("a link signs in once, and its token stays in no address and no history", async () => {
  const link = await at.link()
  const page = await at.browser.newPage()
  const errors = complaintsOf(page)
  await page.goto(link)
  await page.getByRole("heading", { name: "Deep" }).waitFor()
  expect(page.url()).toBe(`${at.house.url}/`)
  expect(await page.evaluate("document.cookie")).toBe("")
  await page.goBack()
  expect(page.url()).not.toContain("#")
  expect(errors).toEqual([])
  await page.close()

  const other = await (await at.browser.newContext()).newPage()
  await other.goto(link)
  await other.getByText("The sign-in link was used, or is too old").waitFor()
  expect(other.url()).toBe(`${at.house.url}/sign-in`)
  await other.context().close()
})

test("a page that was signed out elsewhere goes to where one signs in, and another link brings it back", async () => {
  const { page } = await at.open("/")
  await page.getByRole("status").getByText("Live").waitFor()
  const { page: other } = await at.open("/")
  await other.getByRole("button", { name: /^Signed in as/ }).click()
  await other.getByRole("button", { name: "Sign out in all browsers" }).click()
  await page.getByRole("heading", { name: "Sign in with a link" }).waitFor()
  await page.goto(await at.link())
  await page.getByRole("status").getByText("Live").waitFor()
  expect(page.url()).toBe(`${at.house.url}/`)
})

test.each(looks)("signing in has no accessibility problem: $name", async ({ name: _name, ...look }) => {
  const page = await (await at.browser.newContext(look)).newPage()
  await page.goto(`${at.house.url}/sign-in`)
  await page.getByRole("heading", { name: "Sign in with a link" }).waitFor()
  expect(await accessProblems(page)).toEqual([])
  await page.context().close()
})
