import { expect, test } from "vitest"
import { readTime } from "../src/time-to-come.ts"

const now = new Date(2026, 10, 28, 9, 30).getTime()

test("a time of day is the next one, and a date is taken as it is", () => {
  expect(readTime("22:30", now)).toBe(new Date(2026, 10, 28, 22, 30).getTime())
  expect(readTime("9:30", now)).toBe(new Date(2026, 10, 29, 9, 30).getTime())
  expect(readTime("2026-12-24T18:00", now)).toBe(new Date(2026, 11, 24, 18, 0).getTime())
  expect(readTime("2026-12-24T18:00:00Z", now)).toBe(Date.UTC(2026, 11, 24, 18))
})

test("a span counts from then on", () => {
  expect(readTime("90m", now)).toBe(now + 90 * 60_000)
  expect(readTime("2h30m", now)).toBe(now + 150 * 60_000)
  expect(readTime("3D", now)).toBe(now + 3 * 86_400_000)
})

test("a time of day in a zone is the next one there, whatever day it is here", () => {
  const utc = Date.UTC(2026, 10, 28, 23, 30)
  expect(readTime("22:30Z", utc)).toBe(Date.UTC(2026, 10, 29, 22, 30))
  expect(readTime("23:45z", utc)).toBe(Date.UTC(2026, 10, 28, 23, 45))
  expect(readTime("01:00+02:00", utc)).toBe(Date.UTC(2026, 10, 29, 23))
  expect(readTime("01:45+02:00", utc)).toBe(Date.UTC(2026, 10, 28, 23, 45))
  expect(readTime("20:00-05:00", utc)).toBe(Date.UTC(2026, 10, 29, 1))
  expect(readTime("2026-12-24T18:00+05:45", utc)).toBe(Date.UTC(2026, 11, 24, 12, 15))
})

test("where its writer's zone is not known, a time must name it", () => {
  for (const text of ["22:30", "2026-12-24T18:00"])
    expect(readTime(text, now, { zoned: true }), text).toBe(null)
  for (const text of ["22:30Z", "2h", "2026-12-24T18:00Z"])
    expect(readTime(text, now, { zoned: true }), text).toBe(readTime(text, now))
})

test("what is no time is none", () => {
  const wrong = [
    "",
    "24:00",
    "tomorrow",
    "12",
    "2026-12-24",
    "2026-13-01T10:00",
    "9:5",
    "2w",
    "1m2h",
    "12345d",
    "h",
    "22:30+15:00",
  ]
  for (const text of wrong) expect(readTime(text, now), text).toBe(null)
})
