import { type ModelServer, say, startModel } from "@twolane/testkit"
import { afterAll, beforeAll, expect, test } from "vitest"
import { complaintsOf, startPage, type TestPage } from "./start-page.ts"

let model: ModelServer
let at: TestPage
beforeAll(async () => {
  model = await startModel({ script: () => say("Done.") })
  at = await startPage({ modelUrl: model.url })
}, 60_000)
afterAll(async () => {
  await at[Symbol.asyncDispose]()
  await model[Symbol.asyncDispose]()
})

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
