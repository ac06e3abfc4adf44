import { expect, test } from "vitest"
import { trySeeds } from "./try-seeds.ts"

// A file of its own, so that it runs beside the first thousand.
test("another thousand seeds hold as well", async () => {
  expect(await trySeeds(1_001, 1_000)).toHaveLength(1_000)
}, 600_000)
