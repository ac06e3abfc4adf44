import type { Page } from "playwright-core"

/** What was copied last. A clipboard is read by the page in front: for another one it waits without end. */
export const copiedIn = async (page: Page): Promise<string> => {
  await page.bringToFront()
  return page.evaluate<string>("navigator.clipboard.readText()")
}
