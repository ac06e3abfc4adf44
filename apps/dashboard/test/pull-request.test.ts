import type { Task } from "@twolane/protocol"
import {
  hasOpenssl,
  makeLibrary,
  patching,
  playing,
  startGithubHouse,
  startModel,
  sumPatch,
} from "@twolane/testkit"
import { expect, test } from "vitest"
import { build, openPageOf } from "./start-page.ts"

test.runIf(hasOpenssl())(
  "a pull request is opened from the page, with the order or when the change is accepted (needs openssl)",
  async () => {
    await build()
    await using stack = new AsyncDisposableStack()
    const library = stack.use(await makeLibrary())
    const script = playing({ mend: patching(sumPatch("a - b", "a + b")) })
    const model = stack.use(await startModel({ script }))
    const { house, github } = stack.use(await startGithubHouse(library, { modelUrl: model.url }))
    const at = stack.use(await openPageOf(house))
    const { page, errors } = await at.open("/ask")
    await page.getByRole("radio", { name: "Deep" }).check({ force: true })
    await page.getByRole("textbox", { name: "What is to change" }).fill("[mend] it, and open one")
    await page.getByText("More options").click()
    await page.getByLabel("When it is done").selectOption("pull_request")
    await page.keyboard.press("Control+Enter")
    await page.waitForURL(/\/tasks\/task_/)
    await page
      .getByRole("link", { name: /pull\/100/ })
      .first()
      .waitFor()

    const { body } = await house.call("POST", "/v1/tasks", {
      repo: "shop",
      lane: "deep",
      prompt: "[mend] it, and leave it",
    })
    const { id } = body as Task
    const second = await at.open(`/tasks/${id}`)
    await second.page.getByRole("button", { name: /^Accept/ }).click()
    await second.page.getByRole("button", { name: "Open a pull request" }).click()
    await second.page.getByText("Accepted", { exact: true }).waitFor()
    const task = (await house.call("GET", `/v1/tasks/${id}`)).body as Task
    expect([task.review, task.pullRequest?.url]).toEqual(["accepted", expect.stringContaining("/pull/101")])
    expect(github.state.pulls.map(({ number }) => number)).toEqual([100, 101])
    expect([errors, second.errors]).toEqual([[], []])
  },
)
