import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { openShelf } from "@twolane/store"
import { type PrivateRedis, startRedis } from "@twolane/testkit"
import { Redis } from "ioredis"
import { expect, test } from "vitest"
import { fillFinished } from "./finished.ts"
import { seedFinished } from "./seed-finished.ts"
import { openBenchStore, team } from "./store.ts"

const signal = new AbortController().signal

/** All that a Redis says of some tasks: keys, members and fields that name one of them, each with what it has; numbers as their texts. */
const saidOf = async ({ url }: PrivateRedis, ids: readonly string[]): Promise<string[]> => {
  const client = new Redis(url)
  const codes = await client.hgetall(`tl:{team:${team}}:codes`)
  const plain = (record: string) => record.replaceAll(/\b\d+(?=,|$)/g, code => codes[code] ?? code)
  const partsOf = async (key: string, type: string): Promise<string[]> => {
    if (type === "zset") return pairsOf(await client.zrangebyscore(key, "-inf", "+inf", "WITHSCORES"))
    if (type === "hash") return Object.entries(await client.hgetall(key)).map(row => plain(row.join(" is ")))
    return type === "set" ? await client.smembers(key) : []
  }
  const said: string[] = []
  for (const key of await client.keys("*")) {
    const type = await client.type(key)
    said.push(`${key}, a ${type}`, ...(await partsOf(key, type)).map(part => `${key} has ${part}`))
  }
  client.disconnect()
  return said.filter(line => ids.some(id => line.includes(id))).toSorted()
}

const pairsOf = (members: readonly string[]): string[] =>
  members.flatMap((member, at) => (at % 2 === 0 ? [`${member} at ${members[at + 1]}`] : []))

test("what is seeded of archived tasks is what the store leaves of them", async () => {
  const folder = await mkdtemp(join(tmpdir(), "twl-seed-"))
  await using stack = new AsyncDisposableStack()
  stack.defer(() => rm(folder, { recursive: true }))
  const [product, seeded] = [stack.use(await startRedis()), stack.use(await startRedis())]
  const archive = openShelf({ keepDays: 1, archiveDays: null, archive: { folder } })
  const store = stack.use(await openBenchStore(product.url, { archive }))
  const ids = await fillFinished(store, { count: 60, steps: 1, archive: true }, signal)
  await seedFinished(seeded.url, { ids }, signal)
  const expected = await saidOf(product, ids)
  // Its record, and six indexes.
  expect(expected).toHaveLength(7 * ids.length)
  expect(await saidOf(seeded, ids)).toEqual(expected)
})
