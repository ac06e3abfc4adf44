import { expect, test } from "vitest"
import { gather } from "../src/settle/gather.ts"

/** A gather whose calls end when the test says so. */
const recorded = () => {
  const calls: { key: string; items: readonly number[]; end: PromiseWithResolvers<void> }[] = []
  const send = gather<number>((key, items) => {
    const end = Promise.withResolvers<void>()
    calls.push({ key, items, end })
    return end.promise
  })
  const sent = () => calls.map(({ key, items }) => `${key}:${items.join(",")}`)
  return { calls, send, sent }
}

test("the first goes out in its own tick, and what comes meanwhile goes out together, in order", async () => {
  const { calls, send, sent } = recorded()
  const first = send("a", [1])
  const rest = [send("a", [2]), send("a", [3, 4])]
  expect(sent()).toEqual(["a:1"])
  calls[0]?.end.resolve()
  await first
  await new Promise(resolve => setImmediate(resolve))
  expect(sent()).toEqual(["a:1", "a:2,3,4"])
  calls[1]?.end.resolve()
  await Promise.all(rest)
  void send("a", [5])
  expect(sent().at(-1)).toBe("a:5")
})

test("keys do not wait for one another, and a call that fails fails for its own items only", async () => {
  const { calls, send, sent } = recorded()
  const first = send("a", [1])
  const second = send("a", [2])
  void send("b", [3])
  expect(sent()).toEqual(["a:1", "b:3"])
  calls[0]?.end.reject(new Error("gone"))
  await expect(first).rejects.toThrow("gone")
  await new Promise(resolve => setImmediate(resolve))
  calls[2]?.end.resolve()
  await second
  expect(sent()).toEqual(["a:1", "b:3", "a:2"])
})
