/** `npm run pictures [name …]`: plays a day in a house of its own, and takes the pictures of `docs/pictures` from it, or those that are named. */
import { mkdir } from "node:fs/promises"
import { fileURLToPath } from "node:url"
import { playDay } from "./day.ts"
import { type Picture, takePictures } from "./take.ts"

const folder = fileURLToPath(new URL("../../docs/pictures", import.meta.url))
const desk = { viewport: { width: 1_280, height: 860 }, locale: "en-GB" }
const phone = {
  viewport: { width: 390, height: 844 },
  deviceScaleFactor: 1.5,
  isMobile: true,
  hasTouch: true,
  locale: "en-GB",
}

await using day = await playDay()
const { quick, large, running, asking } = day.tasks
const pictures: Picture[] = [
  ...(["light", "dark"] as const).map(
    (colorScheme): Picture => ({
      name: `queue-${colorScheme}`,
      path: "/",
      look: { ...desk, colorScheme },
      ready: page => page.getByRole("heading", { name: "Ended" }).waitFor(),
    }),
  ),
  {
    name: "fast-task",
    path: `/tasks/${quick}`,
    look: { viewport: { width: 1_280, height: 1_130 }, locale: "en-GB", colorScheme: "light" },
    ready: page => page.locator("[data-entry=patch] table").nth(1).waitFor(),
  },
  {
    name: "running-task",
    path: `/tasks/${running}`,
    look: { ...desk, colorScheme: "dark" },
    ready: async page => {
      await page.locator("[data-entry=patch] table").first().waitFor()
      await page.locator("[data-live]").getByText("a cart that nobody has ordered does not").waitFor()
    },
  },
  {
    name: "change",
    path: `/tasks/${large}?view=changes`,
    look: { ...desk, colorScheme: "light" },
    ready: async page => {
      await page.locator("[data-line=insert]").nth(2).click()
      await page
        .getByRole("textbox", { name: /^Comment on/ })
        .fill("Call it sumOfLines: there are other sums.")
    },
  },
  {
    name: "numbers",
    path: "/numbers",
    look: { ...desk, colorScheme: "light" },
    ready: page => page.locator("[data-hindsight]").first().waitFor(),
  },
  {
    name: "webhooks",
    path: "/webhooks",
    look: { ...desk, colorScheme: "light" },
    ready: async page => {
      await page.getByText(/^The last (?:try|\d+ tries) failed/).waitFor()
      await page.getByRole("button", { name: "What was sent" }).last().click()
      await page.getByRole("list", { name: "Deliveries" }).getByText("gate.opened").nth(1).waitFor()
    },
  },
  {
    name: "ask",
    path: `/ask?lane=deep&after=${asking}&prompt=${encodeURIComponent("Take the labels' prices from that file as well")}`,
    look: { viewport: { width: 1_280, height: 1_130 }, locale: "en-GB", colorScheme: "dark" },
    ready: page =>
      page.getByRole("list", { name: "After: chosen tasks" }).getByText("Needs a person").waitFor(),
  },
  {
    name: "phone-queue",
    path: "/",
    look: { ...phone, colorScheme: "dark" },
    ready: page => page.getByRole("button", { name: "Allow" }).first().waitFor(),
  },
  {
    name: "phone-task",
    path: `/tasks/${asking}`,
    look: { ...phone, colorScheme: "light" },
    ready: page => page.getByRole("button", { name: "Allow" }).waitFor(),
  },
]
await mkdir(folder, { recursive: true })
const named = process.argv.slice(2)
await takePictures(
  day.at,
  pictures.filter(({ name }) => named.length === 0 || named.includes(name)),
  folder,
)
