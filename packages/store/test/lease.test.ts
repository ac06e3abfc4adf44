import { afterAll, beforeAll, describe, expect, test } from "vitest"
import type { Store } from "../src/index.ts"
import { type Bench, redisKinds, startBench } from "./open-for-test.ts"

describe.each(redisKinds)("leases on $name", ({ cluster }) => {
  let bench: Bench
  let store: Store
  let other: Store

  beforeAll(async () => {
    bench = await startBench({ cluster })
    store = await bench.open()
    other = await bench.open()
  })
  afterAll(() => bench[Symbol.asyncDispose]())

  test("one of several has it, and the next one once it is given back, with the place where it was left", async () => {
    const [ours, theirs] = [store.lease("socket", 60_000), other.lease("socket", 60_000)]
    expect([await ours.renew(), await theirs.renew(), await ours.renew()]).toEqual([true, false, true])
    expect([ours.held(), theirs.held(), await theirs.place()]).toEqual([true, false, null])
    await ours.setPlace("at seven")
    await theirs.release()
    expect(await theirs.renew()).toBe(false)
    await ours.release()
    expect([await theirs.renew(), await ours.renew(), await theirs.place()]).toEqual([
      true,
      false,
      "at seven",
    ])
  })

  test("whoever says nothing loses it, and cannot give back what another one has by then", async () => {
    const [ours, theirs] = [store.lease("silent", 100), other.lease("silent", 60_000)]
    expect(await ours.renew()).toBe(true)
    await expect.poll(() => theirs.renew()).toBe(true)
    expect(ours.held()).toBe(false)
    await ours.release()
    expect(await ours.renew()).toBe(false)
  })

  test("names have nothing to do with each other, and what is paced is let through once in its time", async () => {
    expect(await store.lease("one", 60_000).renew()).toBe(true)
    expect(await other.lease("two", 60_000).renew()).toBe(true)
    const twice = [store.chat.pace("slack/T1", 200), other.chat.pace("slack/T1", 200)]
    expect((await Promise.all(twice)).filter(through => through)).toHaveLength(1)
    expect(await other.chat.pace("slack/T2", 200)).toBe(true)
    await expect.poll(() => other.chat.pace("slack/T1", 200)).toBe(true)
  })
})
