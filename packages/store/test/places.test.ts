import { expect, test } from "vitest"
import { newTask, startBench, team } from "./open-for-test.ts"

const priorities = ["urgent", "high", "normal", "low"] as const
const people = ["Alice", "Bob", "Carol"].map(name => ({ key: `key_${name}`, name }))

test("a page's tasks stand where each of them stands when it is asked for alone, whoever has how many in which repos", async () => {
  await using bench = await startBench()
  const store = await bench.open()
  const at = Date.now() - 60_000
  const tasks = Array.from({ length: 60 }, (_, index) =>
    newTask({
      repo: `repo-${index % 7}`,
      by: people[index % 3] ?? { key: "key_none", name: "None" },
      priority: priorities[index % 5] ?? "normal",
      // Five of a millisecond: those of one person go by their names.
      at: at + Math.floor(index / 5),
    }),
  )
  await store.createMany(tasks)
  const { items } = await store.list(team, {}, { limit: 100 })
  const alone = await Promise.all(
    items.map(async ({ id }) => (await store.list(team, { q: id }, { limit: 1 })).items[0]?.queue),
  )
  expect(items.map(({ queue }) => queue)).toEqual(alone)
  expect(items.filter(({ queue }) => queue !== undefined)).toHaveLength(60)
  bench.expectNoErrors()
})
