import type { Task } from "@twolane/protocol"
import { libraryFiles, mendUnlessWrong, playing, raceForFast } from "@twolane/testkit"
import { afterAll, beforeAll, expect, test } from "vitest"
import { accessProblems, looks } from "./check-access.ts"
import type { TestPage } from "./start-page.ts"
import { startShop } from "./start-shop.ts"

let at: TestPage
beforeAll(async () => {
  at = await startShop({
    script: playing({ mend: mendUnlessWrong, race: raceForFast }),
    files: libraryFiles,
    fastWorkers: 1,
  })
})
afterAll(() => at[Symbol.asyncDispose]())

test("candidates are asked for by their models, stand beside each other on each one's page, and one of them is chosen", async () => {
  const { page, errors } = await at.open("/ask?lane=deep&prompt=[mend]+sum+adds+wrongly")
  await page.getByText("More options").click()
  await page.getByRole("combobox", { name: "Who tries it" }).selectOption("Two candidates")
  await page.getByRole("textbox", { name: "Models of the candidates" }).fill("wrong, right")
  await page.getByRole("button", { name: "Ask", exact: true }).click()
  const group = page.getByRole("region", { name: "2 candidates" })
  await group.getByText("it succeeded, and its tests passed; the next one is not green").waitFor()
  const rows = group.locator("[data-candidate]")
  await expect
    .poll(() => rows.allInnerTexts())
    .toEqual([
      expect.stringMatching(
        /^1\.\s*Deep\s*right\s*open\s*Succeeded\s*tests pass\s*none tripped\s*1 file \+1 −1/,
      ),
      expect.stringMatching(/^2\.\s*Deep\s*wrong\s*this one\s*Failed\s*tests fail/),
    ])
  await group.getByText("Choose one: the best is first.").waitFor()

  await rows.first().getByRole("button", { name: "Choose …" }).click()
  const dialog = page.getByRole("dialog", { name: "Accept the change" })
  await dialog.getByText("The other candidates are discarded then").waitFor()
  await dialog.getByRole("button", { name: "Push the branch" }).click()
  await rows.first().getByText("Chosen", { exact: true }).waitFor()
  // This task is the one that was not chosen.
  await page.getByRole("main").getByText("Discarded", { exact: true }).waitFor()
  await rows.first().getByRole("link", { name: "open" }).click()
  await page.getByRole("main").getByText("Accepted", { exact: true }).waitFor()
  expect(await page.getByRole("button", { name: "Choose …" }).count()).toBe(0)

  const { page: queue } = await at.open("/")
  await queue.getByText("candidate 1 of 2").waitFor()
  await queue.getByText("candidate 2 of 2").waitFor()
  expect(errors).toEqual([])
})

test("a race is asked for, and seen to be won by the fast one", async () => {
  const { page, errors } = await at.open("/ask?lane=auto&prompt=[race]+sum+adds+wrongly")
  await page.getByText("More options").click()
  await page.getByRole("combobox", { name: "Who tries it" }).selectOption("A race: one fast, one deep")
  await page.getByRole("button", { name: "Ask", exact: true }).click()
  const group = page.getByRole("region", { name: "Race" })
  const rows = group.locator("[data-candidate]")
  await rows.filter({ hasText: "Fast" }).getByText("tests pass", { exact: true }).waitFor()
  await rows.filter({ hasText: "Deep" }).getByText("Canceled", { exact: true }).waitFor()
  expect(errors).toEqual([])
})

test.each(looks)(
  "the comparison breaks no rule of accessibility: $name",
  async ({ name: _name, ...look }) => {
    const prompt = "[mend] sum adds wrongly"
    const asked = { repo: "shop", prompt, lane: "deep", candidates: 2 }
    const { body } = await at.house.call("POST", "/v1/tasks", asked)
    const { page } = await at.open(`/tasks/${(body as Task).id}`, look)
    await page.getByRole("region", { name: "2 candidates" }).getByText("it succeeded").first().waitFor()
    expect(await accessProblems(page)).toEqual([])
  },
)
