import { Redis } from "ioredis"
import { afterAll, beforeAll, expect, test } from "vitest"
import type { TaskRef } from "../src/index.ts"
import { type ArchiveBench, always, dayMs, finished, policy, startArchive } from "./archive-for-test.ts"
import { queued, team } from "./open-for-test.ts"

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

const family = `tl:{team:${team}}:`
const recordOf = ({ task }: TaskRef) => client.hget(`${family}tasks`, task)
const untilSettled = () => one.store.list(team, {}, { limit: 1 })
const archive = async (ref: TaskRef) => {
  await untilSettled()
  await one.store.archive.sweep(policy, always)
  expect(await client.keys(`tl:{*/${ref.task}}:*`)).toEqual([])
}
/** The indexes that a task stands in. */
const indexesOf = async ({ task }: TaskRef): Promise<string[]> => {
  const keys = await client.keys(`${family}x:*`)
  const scores = await Promise.all(keys.map(key => client.zscore(key, task)))
  return keys
    .filter((_, index) => scores[index] !== null)
    .map(key => key.slice(`${family}x:`.length))
    .toSorted()
}

test("an archived task's record says its last event and where it stands, in few bytes; its indexes stay", async () => {
  const ref = await finished(one.store, 40, { labels: ["till", "cart"] })
  const other = await finished(one.store, 41)
  await untilSettled()
  const [before, record] = [await indexesOf(ref), await recordOf(ref)]
  expect(before).toHaveLength(8)
  await archive(ref)
  expect(await indexesOf(ref)).toEqual(before)
  expect(record).toContain("\nstatus:succeeded\n")
  expect(await recordOf(other)).toMatch(/^\d+-\d+ #\d+(,\d+)+$/)
  // A label has no number: it may be this one task's.
  expect(await recordOf(ref)).toMatch(/^\d+-\d+ #\d+(,\d+)+(,label:[\w-]{16}){2}$/)
  one.bench.expectNoErrors()
})

test("a task that comes back leaves the indexes that its next turn takes it out of", async () => {
  const ref = await finished(one.store, 42, { labels: ["back"] })
  await archive(ref)
  const before = await indexesOf(ref)
  await one.store.change({ ...ref, decide: () => [queued("turn_next")] })
  await untilSettled()
  const after = await indexesOf(ref)
  expect(after.filter(index => !before.includes(index))).toEqual(["open", "status:queued"])
  expect(before.filter(index => !after.includes(index))).toEqual(["status:succeeded"])
  expect(await recordOf(ref)).toContain("\nstatus:queued\n")
  one.bench.expectNoErrors()
})

test("the long record that an older version left of an archived task becomes short with the next sweep", async () => {
  const ref = await finished(one.store, 43)
  await untilSettled()
  const long = (await recordOf(ref)) ?? ""
  await archive(ref)
  const short = await recordOf(ref)
  await client.hset(`${family}tasks`, ref.task, long)
  expect((await one.store.read(ref))?.id).toBe(ref.task)
  await archive(ref)
  expect(await recordOf(ref)).toBe(short)
})

test("of a task that is deleted at last nothing is left in its team", async () => {
  const ref = await finished(one.store, 500, { labels: ["ancient"] })
  await archive(ref)
  expect(await indexesOf(ref)).not.toEqual([])
  const swept = await one.store.archive.sweep({ ...policy, dropMs: 365 * dayMs }, always)
  expect(swept.dropped).toBe(1)
  expect(await indexesOf(ref)).toEqual([])
  expect(await recordOf(ref)).toBeNull()
  one.bench.expectNoErrors()
})
