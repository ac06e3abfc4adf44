import { expect, test } from "vitest"
import { trySeeds } from "./try-seeds.ts"

// A file of its own, so that it runs beside the others. `run.ts 1 20000` runs as many as one likes.
test("further seeds hold as well", async () => {
  expect(await trySeeds(1_001, 1_000)).toHaveLength(1_000)
}, 1_200_000)
