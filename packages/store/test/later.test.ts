import { expect, test } from "vitest"
import { makeLater } from "../src/settle/later.ts"

/** A queue whose calls end when the test says so. */
const recorded = () => {
  const calls: { items: readonly number[]; end: () => void }[] = []
  let called = Promise.withResolvers<void>()
  const later = makeLater<number>(items => {
    const { promise, resolve } = Promise.withResolvers<void>()
    calls.push({ items, end: resolve })
    called.resolve()
    called = Promise.withResolvers()
    return promise
  })
  return { calls, later, nextCall: () => called.promise }
}

const numbers = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => from + index)

test("what comes within a moment goes out together, by itself", async () => {
  const { calls, later, nextCall } = recorded()
  const called = nextCall()
  await later.add([1])
  await later.add([2, 3])
  expect(calls).toEqual([])
  await called
  expect(calls.map(({ items }) => items)).toEqual([[1, 2, 3]])
})

test("a flush sends at once and in order, one call of bounded size at a time, and waits for no item that came after it", async () => {
  const { calls, later, nextCall } = recorded()
  await later.add(numbers(0, 70))
  const flushed = later.flush()
  await later.add([70])
  expect(calls.map(({ items }) => items)).toEqual([numbers(0, 50)])
  const second = nextCall()
  calls[0]?.end()
  await second
  expect(calls.map(({ items }) => items.length)).toEqual([50, 21])
  calls[1]?.end()
  await flushed
})

test("who adds far too much waits until there is less to do", async () => {
  const { calls, later, nextCall } = recorded()
  let over = false
  const adding = later.add(numbers(0, 1_100)).then(() => {
    over = true
  })
  for (let at = 0; at < 22; at += 1) {
    const called = nextCall()
    expect(over).toBe(false)
    calls[at]?.end()
    if (at < 21) await called
  }
  await adding
})
