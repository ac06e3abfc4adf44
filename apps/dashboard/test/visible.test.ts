import { expect, test } from "vitest"
import { visible, visibleName, visibleNames } from "../src/ui/visible.ts"
import { untilWords } from "../src/ui/words.ts"

test("what would turn the order of letters, or act unseen, is shown by its number; all else stays", () => {
  expect(visible("a\u202egnp.exe\u202c \u0007\u2066x")).toBe("a‹202E›gnp.exe‹202C› ‹0007›‹2066›x")
  expect(visible("tab\tline\n مرحبا 👩‍💻 é")).toBe("tab\tline\n مرحبا 👩‍💻 é")
})

test("a name stays on its line: what would break it is shown by its number as well", () => {
  expect(visibleName("new\nline\t\u2028\u202e.txt")).toBe("new‹000A›line‹0009›‹2028›‹202E›.txt")
  expect(visibleName("src/ä b/👩‍💻.ts")).toBe("src/ä b/👩‍💻.ts")
  expect(visibleNames(["a", "b\n", "c"])).toBe("a, b‹000A›, c")
  expect(visibleNames(["a", "b", "c", "d", "e"])).toBe("a, b, c and 2 more")
})

test("a time to come is told as far as it is not today's", () => {
  const at = (day: number, hours: number, minutes: number, month = 10, year = 2026) =>
    new Date(year, month, day, hours, minutes).getTime()
  const now = at(30, 13, 0)
  expect(
    [at(30, 22, 5), at(31, 0, 0), at(32, 8, 30), at(5, 7, 0, 2, 2027)].map(time => untilWords(time, now)),
  ).toEqual(["22:05", "tomorrow 00:00", "2 Dec 08:30", "5 Mar 2027 07:00"])
})
