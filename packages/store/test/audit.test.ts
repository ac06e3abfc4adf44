import { randomBytes } from "node:crypto"
import type { AuditRecord } from "@twolane/protocol"
import { Redis } from "ioredis"
import { expect, test } from "vitest"
import type { NewAuditRecord, Store } from "../src/index.ts"
import { openStore } from "../src/index.ts"
import { alice, startBench } from "./open-for-test.ts"

const act = (action: string, id = "task_1"): NewAuditRecord => ({
  action,
  by: alice,
  from: { via: "key", address: "127.0.0.1" },
  object: { kind: "task", id },
})
const all = async (store: Store, team: string): Promise<AuditRecord[]> =>
  Array.fromAsync(store.audit.all(team))

/** A bench with an audit log of ten records, and somebody who has Redis alone. */
const startCase = async () => {
  const bench = await startBench()
  const store = await bench.open()
  for (let n = 1; n <= 10; n += 1) await store.audit.append("red", [act(`act.${n}`)])
  const redis = new Redis(bench.url)
  const { head } = await store.audit.verify("red")
  const dispose = async () => {
    redis.disconnect()
    await bench[Symbol.asyncDispose]()
  }
  return { bench, store, redis, head, [Symbol.asyncDispose]: dispose }
}
const log = "tl:{team:red}:audit"
const headKey = "tl:{team:red}:audit-head"

test("records of many writers at once stand in one chain without a gap, each once", async () => {
  await using bench = await startBench()
  const stores = [await bench.open(), await bench.open()]
  const appends = stores.flatMap((store, writer) =>
    Array.from({ length: 100 }, (_, n) =>
      store.audit.append("red", [act("task.submit", `task_${writer}_${n}`)]),
    ),
  )
  const places = await Promise.all(appends)
  const records = await all(stores[0] as Store, "red")
  expect(records.map(({ seq }) => seq)).toEqual(Array.from({ length: 200 }, (_, index) => index + 1))
  expect(places.toSorted((a, b) => a - b)).toEqual(records.map(({ seq }) => seq))
  expect(new Set(records.map(({ object }) => object.id)).size).toBe(200)
  const check = await stores[1]?.audit.verify("red")
  expect(check).toEqual({ ok: true, from: 1, head: { seq: 200, mac: records.at(-1)?.mac }, problems: [] })
  expect(await all(stores[0] as Store, "blue")).toEqual([])
  bench.expectNoErrors()
})

test("pages go back in time, and filters fit the action, the person, the object and the time", async () => {
  await using one = await startCase()
  const { audit } = one.store
  const first = await audit.list("red", { limit: 4 })
  expect([first.items.map(({ action }) => action), first.nextBefore]).toEqual([
    ["act.10", "act.9", "act.8", "act.7"],
    7,
  ])
  const rest = await audit.list("red", { limit: 200, before: 7 })
  expect([rest.items.length, rest.nextBefore]).toEqual([6, null])
  const only = async (query: object) => (await audit.list("red", { limit: 50, ...query })).items.length
  const at = first.items[0]?.at ?? 0
  expect([
    await only({ action: "act.3" }),
    await only({ by: "key_nobody" }),
    await only({ object: "task_1", action: "act.4" }),
    await only({ since: at + 1 }),
    await only({ until: 1 }),
  ]).toEqual([1, 0, 1, 0, 0])
})

test.each<[string, (redis: Redis) => Promise<unknown>, { seq: number; what: string }[]]>([
  [
    "takes one out of the middle",
    redis => redis.xdel(log, "5-0"),
    [{ seq: 5, what: "1 records are missing" }],
  ],
  [
    "takes the last ones away",
    redis => redis.xdel(log, "9-0", "10-0"),
    [{ seq: 9, what: "2 records are missing at the end" }],
  ],
  [
    "changes what one says",
    redis => rewrite(redis, (id, json) => (id === "4-0" ? json.replace("act.4", "act.0") : json)),
    [{ seq: 4, what: "it was changed, or put in" }],
  ],
  [
    "puts one behind the end",
    async redis => {
      await redis.xadd(log, "11-0", "r", JSON.stringify({ at: 1, ...act("act.11") }), "m", "x".repeat(43))
      await redis.hset(headKey, { seq: 11, mac: "x".repeat(43) })
    },
    [{ seq: 11, what: "it was changed, or put in" }],
  ],
  [
    "lets go of the first ones",
    async redis => {
      const [[, fields] = ["", []]] = await redis.xrange(log, "3-0", "3-0")
      await redis.xtrim(log, "MINID", "4-0")
      await redis.hset(headKey, { floor: 3, floorMac: fields[3] ?? "", floorSeal: "y".repeat(43) })
    },
    [{ seq: 3, what: "nothing attests that the records up to this one were let go of" }],
  ],
])("whoever has Redis alone and %s is found out", async (_what, tamper, problems) => {
  await using one = await startCase()
  await tamper(one.redis)
  expect(await one.store.audit.verify("red")).toMatchObject({ ok: false, problems })
})

const rewrite = async (redis: Redis, change: (id: string, json: string) => string): Promise<void> => {
  const rows = await redis.xrange(log, "-", "+")
  await redis.del(log)
  for (const [id, fields] of rows)
    await redis.xadd(log, id, "r", change(id, fields[1] ?? ""), "m", fields[3] ?? "")
}

test("whoever takes the end away and turns the head back is found out by a head that was kept", async () => {
  await using one = await startCase()
  const [[, fields] = ["", []]] = await one.redis.xrange(log, "7-0", "7-0")
  await one.redis.xdel(log, "8-0", "9-0", "10-0")
  await one.redis.hset(headKey, { seq: 7, mac: fields[3] ?? "" })
  expect(await one.store.audit.verify("red")).toMatchObject({ ok: true, head: { seq: 7 } })
  expect(await one.store.audit.verify("red", one.head)).toMatchObject({
    ok: false,
    problems: [{ seq: 10, what: "the record that was known elsewhere is not there" }],
  })
  // A process that has seen more says so in the log itself.
  await one.store.audit.append("red", [act("next")])
  expect((await all(one.store, "red")).slice(-2)).toMatchObject([
    { seq: 8, action: "audit.cut", detail: { was: 10, is: 7 } },
    { seq: 9, action: "next" },
  ])
  expect(await one.store.audit.verify("red")).toMatchObject({ ok: false, problems: [{ seq: 8 }] })
})

test("whoever empties it all is found out by the next record", async () => {
  await using one = await startCase()
  await one.redis.del(log, headKey)
  await one.store.audit.append("red", [act("next")])
  expect(await one.store.audit.verify("red")).toMatchObject({
    ok: false,
    problems: [{ seq: 1, what: expect.stringContaining("was cut") }],
  })
})

test("another team's chain, or another key's, is no proof", async () => {
  await using one = await startCase()
  await one.redis.copy(log, "tl:{team:blue}:audit")
  await one.redis.copy(headKey, "tl:{team:blue}:audit-head")
  expect(await one.store.audit.verify("blue")).toMatchObject({ ok: false, problems: [{ seq: 1 }] })
  const secretKey = randomBytes(32).toString("base64url")
  await using other = await openStore({ url: one.bench.url, secretKey, onError: () => {} })
  expect((await other.audit.verify("red")).ok).toBe(false)
})

test("the oldest records fall off, and the chain attests to it", async () => {
  await using bench = await startBench()
  const store = await bench.open({ auditKept: 20 })
  for (let n = 1; n <= 60; n += 1) await store.audit.append("red", [act(`act.${n}`)])
  const records = await all(store, "red")
  expect([records.length, records[0]?.seq, records.at(-1)?.seq]).toEqual([20, 41, 60])
  expect(await store.audit.verify("red")).toMatchObject({ ok: true, from: 41, problems: [] })
})

test("no record is half there when Redis is away, and the chain goes on when it is back", async () => {
  await using one = await startCase()
  one.bench.redis.pause()
  await expect(one.store.audit.append("red", [act("lost")])).rejects.toMatchObject({
    code: "store-unavailable",
  })
  one.bench.redis.resume()
  await one.store.audit.append("red", [act("after")])
  expect((await all(one.store, "red")).at(-1)).toMatchObject({ action: "after" })
  expect(await one.store.audit.verify("red")).toMatchObject({ ok: true })
})
