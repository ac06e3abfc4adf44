import { expect, test } from "vitest"
import { visible } from "../src/ui/visible.ts"

test("what would turn the order of letters, or act unseen, is shown by its number; all else stays", () => {
  expect(visible("a\u202egnp.exe\u202c \u0007\u2066x")).toBe("a‹202E›gnp.exe‹202C› ‹0007›‹2066›x")
  expect(visible("tab\tline\n مرحبا 👩‍💻 é")).toBe("tab\tline\n مرحبا 👩‍💻 é")
})
