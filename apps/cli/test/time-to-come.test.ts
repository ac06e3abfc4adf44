import { expect, test } from "vitest"
import { readTime } from "../src/commands/time-to-come.ts"

const now = new Date(2026, 10, 28, 9, 30).getTime()

test("a time of day is the next one, and a date is taken as it is", () => {
  expect(readTime("22:30", now)).toBe(new Date(2026, 10, 28, 22, 30).getTime())
  expect(readTime("9:30", now)).toBe(new Date(2026, 10, 29, 9, 30).getTime())
  expect(readTime("2026-12-24T18:00", now)).toBe(new Date(2026, 11, 24, 18, 0).getTime())
  expect(readTime("2026-12-24T18:00:00Z", now)).toBe(Date.UTC(2026, 11, 24, 18))
})

test("what is no time is none", () => {
  for (const text of ["", "24:00", "tomorrow", "12", "2026-12-24", "2026-13-01T10:00", "9:5"])
    expect(readTime(text, now), text).toBe(null)
})
