import { expect, test } from "vitest"
import { countedLine, countTests } from "./counts.ts"

const file = (status: string, tests: string[], message = "") => ({
  name: "a.test.ts",
  status,
  message,
  assertionResults: tests.map(each => ({ status: each })),
})

test("tests are counted by how they ended", () => {
  const counts = countTests({
    testResults: [file("passed", ["passed", "skipped", "todo"]), file("failed", ["passed", "failed"])],
  })
  expect(counts).toEqual({ passed: 2, failed: 1, skipped: 2, problems: [] })
  expect(countedLine(counts)).toBe("2 passed, 1 failed, 2 skipped")
})

test("a file that cannot be loaded is a failure, though it has no test", () => {
  expect(countTests({ testResults: [file("failed", [], "Cannot find module\nat x")] })).toEqual({
    passed: 0,
    failed: 1,
    skipped: 0,
    problems: ["a.test.ts: Cannot find module"],
  })
})

test("a file whose hook failed after its tests passed is a failure of its own", () => {
  expect(countTests({ testResults: [file("failed", ["passed"], "afterAll broke")] })).toMatchObject({
    passed: 1,
    failed: 1,
    skipped: 0,
  })
})
