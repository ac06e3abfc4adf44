import { readFileSync } from "node:fs"
import fc from "fast-check"
import { expect, test } from "vitest"
import { readCargoText } from "../../src/tests/reports/cargo-text.ts"
import { goOutput, readGoJson } from "../../src/tests/reports/go-json.ts"
import { readJestJson } from "../../src/tests/reports/jest-json.ts"
import { readJunit } from "../../src/tests/reports/junit.ts"

const raw = (name: string) => ({
  text: readFileSync(new URL(`./fixtures/${name}`, import.meta.url), "utf8"),
  root: "/workspace",
})
const failure = (name: string, message: string) => ({ name, message: expect.stringContaining(message) })

test("node:test's JUnit: suites by nesting, todo is never a failure, a file that can't be loaded is one", () => {
  expect(readJunit(raw("node-test.xml"))).toEqual({
    passed: 2,
    skipped: 3,
    failed: 5,
    failures: [
      failure("nt/a.test.mjs > fails <&>", "Expected values to be strictly equal:\n\n1 !== 2"),
      failure("nt/a.test.mjs > suite > inner bad", "boom\nline2"),
      failure("nt/a.test.mjs > suite > deep > x", "deep no"),
      failure("nt/a.test.mjs > with subtests > sub", "sub boom"),
      failure("nt/b.test.mjs", "test failed"),
    ],
  })
})

test("pytest's JUnit: classes, errors of fixtures and of collecting, skips and expected failures", () => {
  expect(readJunit(raw("pytest.xml"))).toEqual({
    passed: 1,
    skipped: 2,
    failed: 4,
    failures: [
      failure("test_b.py", "No module named 'nothing_here'"),
      failure("test_a.py > test_bad", "assert 1 == 2"),
      failure("test_a.py > TestC > test_in", "ValueError: boom <&>"),
      failure("test_a.py > test_e", "RuntimeError: fix"),
    ],
  })
})

test("vitest's JSON: nested suites, and a file that can't be loaded", () => {
  expect(readJestJson(raw("vitest.json"))).toEqual({
    passed: 1,
    skipped: 2,
    failed: 2,
    failures: [
      failure("a.test.js > suite > fails", "expected 3 to be 4"),
      failure("b.test.js", "Cannot find module './missing.js'"),
    ],
  })
})

test("jest's JSON (jest 30): nested suites, files that can't be loaded, hooks that fail before and after the tests", () => {
  expect(readJestJson(raw("jest.json"))).toEqual({
    passed: 4,
    skipped: 2,
    failed: 7,
    failures: [
      failure("jest/sum.test.js > money > rounds", "Expected: 4"),
      failure("jest/sum.test.js > each 2", "Expected: < 2"),
      failure("jest/late.test.js", "after all failed"),
      failure("jest/hook.test.js > a", "no database"),
      failure("jest/hook.test.js > b", "no database"),
      failure("jest/broken.test.js", "Cannot find module './no-such-module'"),
      failure("jest/empty.test.js", "must contain at least one test"),
    ],
  })
})

test("go's JSON (go 1.19): the innermost tests count; a package that panics, ends badly or does not build is a failure", () => {
  expect(readGoJson(raw("go.jsonl"))).toEqual({
    passed: 4,
    skipped: 1,
    failed: 5,
    failures: [
      failure("example.com/app/panics > TestPanics", "panic: assignment to entry in nil map"),
      { name: "example.com/app/sum > TestTable > two_<&>_ü", message: "sum_test.go:21: got 3, want 4" },
      { name: "example.com/app/sum > ExampleAdd", message: "got:\n4\nwant:\n3" },
      failure("example.com/app/slow", "FAIL\texample.com/app/slow"),
      failure("example.com/app/broken", "broken_test.go:6:2: undefined: nothing"),
    ],
  })
  const shown = goOutput(raw("go.jsonl").text)
  expect(shown).toContain("--- FAIL: TestTable (0.00s)\n    --- PASS: TestTable/one")
  expect(shown).toContain("broken/broken_test.go:6:2: undefined: nothing\n")
})

test("go's JSON (go 1.24, by its documentation): what the compiler says is in the report itself", () => {
  expect(readGoJson(raw("go-build-output.jsonl"))).toEqual({
    passed: 2,
    skipped: 1,
    failed: 2,
    failures: [
      { name: "example.com/app/sum > TestTable > one", message: "sum_test.go:14: got 3, want 4" },
      failure("example.com/app/broken", "undefined: nothing"),
    ],
  })
})

test("cargo's text (cargo 1.95): every target's summary counts, doc tests too", () => {
  expect(readCargoText(raw("cargo.txt"))).toEqual({
    passed: 4,
    skipped: 1,
    failed: 3,
    failures: [
      failure("src/lib.rs > tests > inner > deep", 'Error: "no"'),
      failure("src/lib.rs > tests > bad", "assertion `left == right` failed"),
      failure("tests/outer.rs > outer_bad", "outer"),
    ],
  })
})

test("half a report is none, and no text makes a reader throw", () => {
  for (const [name, read] of [
    ["node-test.xml", readJunit],
    ["vitest.json", readJestJson],
  ] as const) {
    const whole = raw(name)
    expect(read({ ...whole, text: whole.text.slice(0, whole.text.length / 2) })).toBeNull()
  }
  const xml = fc
    .array(
      fc.constantFrom(
        "<testsuites>",
        "</testsuites>",
        "<testsuite name='a'>",
        "</testsuite>",
        '<testcase name="b"/>',
        "<testcase>",
        "<failure>",
        "&#x41;",
        "&#9999999;",
        "<",
        "<![CDATA[",
        "<!--",
      ),
    )
    .map(all => all.join(""))
  fc.assert(
    fc.property(fc.oneof(fc.string(), xml, fc.json()), text => {
      for (const read of [readJunit, readJestJson, readGoJson, readCargoText]) read({ text, root: "/" })
    }),
    { numRuns: 1_000 },
  )
})
