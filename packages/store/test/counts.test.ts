import { TurnStatus } from "@twolane/protocol"
import { Redis } from "ioredis"
import { afterAll, beforeAll, expect, test } from "vitest"
import type { TaskFilter } from "../src/index.ts"
import { type ArchiveBench, always, policy, startArchive } from "./archive-for-test.ts"
import { ended, newTask, queued, team } from "./open-for-test.ts"

let one: ArchiveBench
let client: Redis

beforeAll(async () => {
  one = await startArchive()
  client = new Redis(one.bench.redis.url)
})
afterAll(async () => {
  client.disconnect()
  await one[Symbol.asyncDispose]()
})

const filters: Omit<TaskFilter, "status" | "q">[] = [
  { lane: "deep" },
  { repo: "shop" },
  { lane: "deep", repo: "shop" },
  { repo: "shop", label: "odd" },
]
const family = `tl:{team:${team}}:`

/** What is counted, as Redis' own intersections of the indexes have it. */
const counted = async (filter: Omit<TaskFilter, "status" | "q">) => {
  const names: Record<string, string | undefined> = { lane: filter.lane, repo: filter.repo }
  const keys = Object.entries(names).flatMap(([name, value]) =>
    value === undefined ? [] : [`${family}x:${name}:${value}`],
  )
  if (filter.label !== undefined) keys.push((await client.keys(`${family}x:label:*`))[0] ?? "")
  const counts = TurnStatus.options.map(async status => {
    const all = [...keys, `${family}x:status:${status}`]
    return [status, await client.zintercard(all.length, all)] as const
  })
  return Object.fromEntries(await Promise.all(counts))
}
const expectCounts = async () => {
  // A list waits until the indexes know of all that was written.
  await one.store.list(team, {}, { limit: 1 })
  for (const filter of filters)
    expect([filter, await one.store.counts(team, filter)]).toEqual([filter, await counted(filter)])
}

const submit = async (count: number): Promise<ReturnType<typeof newTask>[]> => {
  const tasks = Array.from({ length: count }, (_, index) =>
    newTask({ repo: index % 8 === 0 ? "till" : "shop", labels: index % 2 === 1 ? ["odd"] : [] }),
  )
  for (let at = 0; at < count; at += 250) await one.store.createMany(tasks.slice(at, at + 250))
  return tasks
}
const end = (tasks: readonly ReturnType<typeof newTask>[]) =>
  Promise.all(tasks.map(({ task, turn }) => one.store.change({ team, task, decide: () => [ended(turn)] })))
const keptFilters = () => client.hgetall(`${family}counted-filters`)

test("counts of many tasks are made once and hold while tasks come, end, leave Redis and come back", async () => {
  const first = await submit(2_500)
  await expectCounts()
  // A thousand or less are compared anew each time; these were more.
  expect(Object.values(await keptFilters())).toEqual(["~", "~", "~", "~"])
  await end(first.slice(0, 300))
  await submit(20)
  await expectCounts()

  // Made anew while tasks are written.
  await client.del(`${family}counted-filters`, `${family}counts`)
  await Promise.all([
    end(first.slice(300, 600)),
    submit(100),
    ...filters.map(filter => one.store.counts(team, filter)),
  ])
  await expectCounts()

  const away = { keepMs: 0, dropMs: null }
  expect((await one.store.archive.sweep(away, always)).archived).toBe(600)
  await expectCounts()
  const [back] = first
  if (back === undefined) throw new Error("there was none")
  await one.store.change({ team, task: back.task, decide: () => [queued("turn_again")] })
  await expectCounts()
  expect((await one.store.archive.sweep({ ...policy, keepMs: 0, dropMs: 1 }, always)).dropped).toBe(599)
  await expectCounts()
  expect(await one.store.counts(team, { repo: "shop", label: "even" })).toMatchObject({ queued: 0 })
  one.bench.expectNoErrors()
})
