import { call, type Script, say } from "@twolane/testkit"
import { afterAll, beforeAll, expect, test } from "vitest"
import { type Shop, startShop } from "./start-shop.ts"

const makesFiles =
  'for d in $(seq 1 25); do mkdir -p src/part-$d; for f in $(seq 1 20); do echo "export const value = $d * $f" > src/part-$d/file-$f.ts; done; done'
const script: Script = ({ items }) =>
  JSON.stringify(items).includes("call_output") ? say("Done.") : call(["shell", { command: makesFiles }])

let at: Shop
let task: string
beforeAll(async () => {
  at = await startShop({
    script,
    files: { "a.txt": "a\n", "twolane.yaml": "guardrails:\n  deep: { maxFiles: 1000 }\n" },
  })
  const asked = { repo: "shop", lane: "deep", prompt: "Write them all" }
  task = ((await at.house.call("POST", "/v1/tasks", asked)).body as { id: string }).id
})
afterAll(() => at[Symbol.asyncDispose]())

test.each([
  { name: "desk", viewport: { width: 1440, height: 900 } },
  { name: "phone", viewport: { width: 390, height: 844 } },
])(
  "a change of 500 files is gone through by its tree, and only what is near is made: $name",
  async ({ name, viewport }) => {
    const { page, errors } = await at.open(`/tasks/${task}`, { viewport })
    await page.locator("[data-entry=ended]").getByText("Succeeded").waitFor()
    const made = page.locator("#view section table")
    await page
      .locator("[data-entry=patch]")
      .getByRole("button", { name: /^Saved/ })
      .click()
    await made.first().waitFor()
    expect(await page.locator("[data-entry=patch] section").count()).toBe(500)
    expect(await made.count()).toBeLessThan(60)
    await page.getByRole("link", { name: "Changes 500 files +500 −0" }).click()
    const tree = page.getByRole("navigation", { name: "Changed files" })
    // Where it stands above the files, a long tree is closed.
    if (name === "phone") await tree.getByText("500 files").click()
    await tree.getByRole("button", { name: "file-20.ts" }).last().waitFor()
    expect(await tree.getByRole("button").count()).toBe(500)
    await made.first().waitFor()
    expect(await made.count()).toBeLessThan(60)
    await tree.getByRole("button", { name: "file-20.ts" }).last().click()
    const last = page.getByRole("region", { name: "src/part-25/file-20.ts", exact: true })
    await last.getByText("export const value = 25 * 20").waitFor()
    const top = (await last.boundingBox())?.y ?? -1
    expect(top > 0 && top < viewport.height).toBe(true)
    // Only the view scrolls, never the page around it with its header.
    expect(await page.evaluate("document.documentElement.scrollHeight === innerHeight")).toBe(true)
    expect(await made.count()).toBeLessThan(120)
    expect(errors).toEqual([])
  },
)
