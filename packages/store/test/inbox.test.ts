import { afterAll, beforeAll, describe, expect, test } from "vitest"
import type { Incoming, Received, Store } from "../src/index.ts"
import { type Bench, redisKinds, startBench, until } from "./open-for-test.ts"

describe.each(redisKinds)("the inbox on $name", ({ cluster }) => {
  let bench: Bench
  let store: Store
  let other: Store

  beforeAll(async () => {
    bench = await startBench({ cluster })
    store = await bench.open()
    other = await bench.open()
  })
  afterAll(() => bench[Symbol.asyncDispose]())

  const incoming = (id: string, more: Partial<Incoming> = {}): Incoming => ({
    id,
    conversation: id,
    headers: { "x-event": "comment" },
    raw: Buffer.from(`body of ${id}`),
    ...more,
  })
  const takeAll = (of: Store, platform: string, hideMs = 60_000) =>
    of.inbox.take(platform, { most: 10, hideMs })
  const idsOf = (taken: readonly Received[]) => taken.map(({ id }) => id)

  test("gives a delivery as it came, bytes and all, to one taker", async () => {
    const raw = Buffer.from([0x7b, 0xff, 0x00, 0xc3, 0x28, 0x7d])
    expect(await store.inbox.put("bytes", incoming("one", { raw }))).toBe("kept")
    const both = await Promise.all([takeAll(store, "bytes"), takeAll(other, "bytes")])
    const [taken, ...rest] = both.flat()
    expect(rest).toEqual([])
    expect(taken).toEqual({
      platform: "bytes",
      id: "one",
      conversation: "one",
      headers: { "x-event": "comment" },
      raw,
      receivedAt: expect.any(Number),
      failures: 0,
      fence: 1,
    })
  })

  test("keeps what comes a hundred times once, whether by its id or by its body", async () => {
    const same = incoming("many")
    const results = await Promise.all(Array.from({ length: 100 }, () => other.inbox.put("twice", same)))
    expect(results.filter(result => result === "kept")).toEqual(["kept"])
    const otherBody = incoming("many", { raw: Buffer.from("another") })
    const otherId = incoming("renamed", { raw: same.raw })
    expect(await store.inbox.put("twice", otherBody)).toBe("seen")
    expect(await store.inbox.put("twice", otherId)).toBe("seen")
    const [taken] = await takeAll(store, "twice")
    expect(taken && (await store.inbox.settle(taken, { what: "done" }))).toBe(true)
    expect(await store.inbox.put("twice", same)).toBe("seen")
    expect(await takeAll(store, "twice")).toEqual([])
  })

  test("gives the deliveries of one conversation one at a time, in their order, and holds up no other", async () => {
    for (const id of ["a1", "a2", "a3"]) await store.inbox.put("lines", incoming(id, { conversation: "a" }))
    await store.inbox.put("lines", incoming("b1", { conversation: "b" }))
    const first = await takeAll(store, "lines")
    expect(idsOf(first)).toEqual(["a1", "b1"])
    expect(await takeAll(store, "lines")).toEqual([])
    for (const taken of first) await store.inbox.settle(taken, { what: "done" })
    const second = await takeAll(store, "lines")
    expect(idsOf(second)).toEqual(["a2"])
    const [a2] = second
    if (a2 === undefined) throw new Error("nothing was taken")
    await store.inbox.settle(a2, { what: "retry", dueAt: store.now(), failures: 1 })
    const again = await takeAll(store, "lines")
    expect(again).toMatchObject([{ id: "a2", failures: 1, fence: 2 }])
    for (const taken of again) await store.inbox.settle(taken, { what: "done" })
    expect(idsOf(await takeAll(store, "lines"))).toEqual(["a3"])
  })

  test("gives a delivery whose taker died to another one, after which the first can settle nothing", async () => {
    await store.inbox.put("dead", incoming("left"))
    const [lost] = await takeAll(store, "dead", 20)
    let found: Received[] = []
    await until(async () => {
      found = await takeAll(other, "dead")
      return found.length > 0
    })
    expect(found).toMatchObject([{ id: "left", fence: 2 }])
    if (lost === undefined) throw new Error("nothing was taken")
    expect(await store.inbox.hold(lost, 60_000)).toBe(false)
    expect(await store.inbox.settle(lost, { what: "done" })).toBe(false)
    const [now] = found
    expect(now && (await other.inbox.hold(now, 60_000))).toBe(true)
    expect(now && (await other.inbox.settle(now, { what: "done" }))).toBe(true)
  })

  test("takes one that has failed for good when its platform sends it again", async () => {
    await store.inbox.put("failed", incoming("broken"))
    const [taken] = await takeAll(store, "failed")
    if (taken === undefined) throw new Error("nothing was taken")
    await store.inbox.settle(taken, { what: "failed" })
    expect(await takeAll(store, "failed")).toEqual([])
    expect(await store.inbox.put("failed", incoming("broken"))).toBe("kept")
    expect(idsOf(await takeAll(store, "failed"))).toEqual(["broken"])
  })

  test("wakes whoever listens, in each process", async () => {
    const woken = Promise.withResolvers<void>()
    const stop = await other.inbox.listen("wake", () => woken.resolve())
    await store.inbox.put("wake", incoming("ring"))
    await expect(woken.promise).resolves.toBeUndefined()
    stop()
  })

  test("reported no error", () => {
    expect(bench.errors).toEqual([])
  })
})
