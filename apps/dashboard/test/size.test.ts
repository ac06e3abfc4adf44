import { expect, test } from "vitest"
import { firstLoads } from "./first-load.ts"
import { build } from "./start-page.ts"

/** What may be loaded before a view is usable, compressed. */
const mostBytes = 200 * 1024

test("the first load of each view is under 200 KB of script, compressed", async () => {
  await build()
  const loads = await firstLoads()
  expect([...loads.keys()]).toContain("index.html")
  for (const [view, bytes] of loads) {
    console.log(`${view}: ${(bytes / 1024).toFixed(1)} KB gzip at first load`)
    expect(bytes).toBeLessThan(mostBytes)
    // React alone has as much: less was not found, and not counted.
    expect(bytes).toBeGreaterThan(50 * 1024)
  }
})
