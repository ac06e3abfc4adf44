import { readFile } from "node:fs/promises"
import { createRequire } from "node:module"
import type { Page } from "playwright-core"

const axePath = createRequire(import.meta.url).resolve("axe-core")

/** What axe finds wrong with a page as it is now: each rule with the elements that break it. */
export const accessProblems = async (page: Page): Promise<string[]> => {
  // Not as a script tag: the page's policy forbids it.
  await page.evaluate(await readFile(axePath, "utf8"))
  const found = (await page.evaluate("axe.run()")) as {
    violations: { id: string; nodes: { html: string }[] }[]
  }
  return found.violations.map(({ id, nodes }) => `${id}: ${nodes.map(node => node.html).join(" ")}`)
}

/** The widths and themes that every view is checked in. */
export const looks = (["light", "dark"] as const).flatMap(colorScheme => [
  { name: `desk-${colorScheme}`, colorScheme, viewport: { width: 1440, height: 900 } },
  { name: `phone-${colorScheme}`, colorScheme, viewport: { width: 390, height: 844 } },
])
