import { expect, test } from "vitest"
import { trySeeds } from "./try-seeds.ts"

// A file of its own, so that it runs beside the others. `run.ts 1 2000` runs as many as one likes.
test("further seeds hold as well", async () => {
  expect(await trySeeds(1_001, 250)).toHaveLength(250)
}, 600_000)
