import fc from "fast-check"
import { expect, test } from "vitest"
import { compareEventIds, EventId, newId, TaskId, TurnId, timeOfId } from "../src/index.ts"

test("ids of one kind parse as that kind only, and no two are the same", () => {
  const ids = Array.from({ length: 1_000 }, () => newId("task"))
  expect(new Set(ids).size).toBe(1_000)
  expect(ids.every(id => TaskId.safeParse(id).success)).toBe(true)
  expect(ids.some(id => TurnId.safeParse(id).success)).toBe(false)
})

test("an id says when it was made", () => {
  const before = Date.now()
  const time = timeOfId(newId("task"))
  expect(time).toBeGreaterThanOrEqual(before)
  expect(time).toBeLessThanOrEqual(Date.now())
})

test("event ids are ordered by attempt, then by number", () => {
  const pair = fc.tuple(fc.nat(999), fc.nat(999))
  fc.assert(
    fc.property(pair, pair, ([a, n], [b, m]) => {
      const order = Math.sign(compareEventIds(`${a}-${n}`, `${b}-${m}`))
      expect(order).toBe(Math.sign(a - b || n - m))
    }),
  )
})

test.each(["", "1", "1-", "-1", "1-1-1", "a-1", "1 -1", "1-1\n", "99999999999-1"])(
  "%j is no event id",
  text => {
    expect(EventId.safeParse(text).success).toBe(false)
  },
)
