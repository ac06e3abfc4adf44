import type { FileChange } from "@twolane/protocol"
import { expect, test } from "vitest"
import { runTests, type TestsRequest } from "../../src/tests/run-tests.ts"
import { type LocalRoom, makeRoom } from "./local-room.ts"

const signal = new AbortController().signal
const changed = (...paths: string[]): FileChange[] =>
  paths.map(path => ({ path, change: "modified", added: 1, removed: 1 }))

function request(room: LocalRoom, more: Partial<TestsRequest> = {}): TestsRequest & { started: string[] } {
  const started: string[] = []
  return {
    room,
    settings: { timeoutMs: 20_000 },
    changed: changed("sum.mjs"),
    selection: "targeted",
    firstRed: false,
    wholeSuiteMs: null,
    atBase: () => Promise.reject(new Error("the base is not asked for")),
    onStart: ({ selection, command }) => started.push(`${selection}: ${command}`),
    started,
    ...more,
  }
}

const nodePackage = '{ "type": "module", "scripts": { "test": "node --test" } }'
const nodeTest = `
import assert from "node:assert"
import { test } from "node:test"
import { sum } from "./sum.mjs"
test("adds", () => assert.strictEqual(sum(1, 2), 3))
test("adds nothing", () => assert.strictEqual(sum(1, 0), 1))
`
const rightSum = "export const sum = (a, b) => a + b\n"
const wrongSum = "export const sum = (a, b) => a * b\n"

test("node:test: green is read from the report, and what people hear has no report in it", async () => {
  await using room = await makeRoom({
    "package.json": nodePackage,
    "sum.mjs": rightSum,
    "sum.test.mjs": nodeTest,
  })
  let heard = ""
  const asked = request(room, { onOutput: text => (heard += text) })
  expect(await runTests(asked, signal)).toEqual({
    status: "passed",
    command: "node --test sum.test.mjs",
    passed: 2,
    failed: 0,
    durationMs: expect.any(Number),
    output: expect.stringContaining("adds nothing"),
    failures: [],
    failuresAtBase: [],
  })
  expect(asked.started).toEqual(["targeted: node --test sum.test.mjs"])
  expect(heard).toContain("adds nothing")
  expect(heard).not.toContain("twolane-report")
})

test("a first red runs at the base too, and what fails there is named", async () => {
  const test3 = `${nodeTest}test("was always red", () => assert.fail("old"))\n`
  await using room = await makeRoom({
    "package.json": nodePackage,
    "sum.mjs": wrongSum,
    "sum.test.mjs": test3,
  })
  await using base = await makeRoom({
    "package.json": nodePackage,
    "sum.mjs": rightSum,
    "sum.test.mjs": test3,
  })
  const result = await runTests(request(room, { firstRed: true, atBase: use => use(base) }), signal)
  expect(result).toMatchObject({
    status: "failed",
    passed: 0,
    failed: 3,
    failedAtBase: 1,
    failures: ["sum.test.mjs > adds", "sum.test.mjs > adds nothing", "sum.test.mjs > was always red"],
    failuresAtBase: ["sum.test.mjs > was always red"],
  })
  expect(result.output).toMatch(/^✖ sum\.test\.mjs > adds\n[\s\S]*2 !== 3/)
})

test("a red that turns green on the same tree is flaky", async () => {
  const flaky = `
import { existsSync, writeFileSync } from "node:fs"
import { test } from "node:test"
test("sometimes", () => {
  if (existsSync("been-here")) return
  writeFileSync("been-here", "")
  throw new Error("first time")
})
`
  await using room = await makeRoom({
    "package.json": nodePackage,
    "sum.mjs": rightSum,
    "sum.test.mjs": flaky,
  })
  expect(await runTests(request(room, { firstRed: true }), signal)).toMatchObject({
    status: "flaky",
    failed: 1,
    failures: ["sum.test.mjs > sometimes"],
  })
})

test("tests that hang are timed out, and are not run again", async () => {
  const hang =
    'import { test } from "node:test"\ntest("hangs", () => new Promise(() => setInterval(() => {}, 1_000)))\n'
  await using room = await makeRoom({
    "package.json": nodePackage,
    "sum.mjs": rightSum,
    "sum.test.mjs": hang,
  })
  const result = await runTests(request(room, { settings: { timeoutMs: 700 } }), signal)
  expect(result).toMatchObject({ status: "timed_out", failures: [] })
})

test("an abort while tests run is thrown", async () => {
  const hang = 'console.log("begun")\nsetInterval(() => {}, 1_000)\n'
  await using room = await makeRoom({
    "package.json": nodePackage,
    "sum.mjs": rightSum,
    "sum.test.mjs": hang,
  })
  const aborting = new AbortController()
  const asked = request(room, { onOutput: () => aborting.abort({ by: "user" }) })
  await expect(runTests(asked, aborting.signal)).rejects.toEqual({ by: "user" })
})

const vitestPackage =
  '{ "type": "module", "scripts": { "test": "vitest run" }, "devDependencies": { "vitest": "*" } }'
const vitestTest = `
import { expect, test } from "vitest"
import { sum } from "./sum.mjs"
test("adds", () => expect(sum(1, 2)).toBe(3))
test.skip("later", () => {})
`

test("vitest: related tests, red and green", async () => {
  await using room = await makeRoom({
    "package.json": vitestPackage,
    "sum.mjs": wrongSum,
    "sum.test.mjs": vitestTest,
  })
  expect(await runTests(request(room), signal)).toMatchObject({
    status: "failed",
    command: "npx vitest related --run sum.mjs",
    passed: 0,
    failed: 1,
    failures: ["sum.test.mjs > adds"],
    output: expect.stringMatching(/^✖ sum\.test\.mjs > adds\nAssertionError: expected 2 to be 3/),
  })
  await room.write("sum.mjs", rightSum)
  expect(await runTests(request(room), signal)).toMatchObject({ status: "passed", passed: 1, failed: 0 })
})

test("vitest with no related test exits 0 and is still none_selected; the whole suite stands in when it is short", async () => {
  await using room = await makeRoom({
    "package.json": vitestPackage,
    "lonely.mjs": "export {}\n",
    "sum.mjs": rightSum,
    "sum.test.mjs": vitestTest,
  })
  const alone = request(room, { changed: changed("lonely.mjs") })
  const none = await runTests(alone, signal)
  expect(none).toMatchObject({ status: "none_selected", command: "npx vitest related --run lonely.mjs" })
  expect(none).not.toHaveProperty("passed")
  const withAll = request(room, { changed: changed("lonely.mjs"), wholeSuiteMs: 59_999 })
  expect(await runTests(withAll, signal)).toMatchObject({
    status: "passed",
    command: "npm test",
    passed: 1,
    wholeSuiteMs: expect.any(Number),
  })
  expect(withAll.started).toEqual(["targeted: npx vitest related --run lonely.mjs", "all: npm test"])
  expect(
    await runTests(request(room, { changed: changed("lonely.mjs"), wholeSuiteMs: 60_000 }), signal),
  ).toMatchObject({ status: "none_selected" })
})

test("a runner that we can't read gives its exit code's word and no counts", async () => {
  await using room = await makeRoom({ "a.txt": "" })
  const run = (all: string) =>
    runTests(
      request(room, {
        settings: { timeoutMs: 5_000, all },
        selection: "all",
        firstRed: true,
        atBase: use => use(room),
      }),
      signal,
    )
  const green = await run("echo fine")
  expect(green).toMatchObject({ status: "passed", output: "fine" })
  expect(green).not.toHaveProperty("passed")
  const red = await run("echo broken; exit 3")
  expect(red).toMatchObject({ status: "failed", output: "broken", failures: [], failuresAtBase: [] })
  expect(red).not.toHaveProperty("failedAtBase")
  expect(await run("no-such-command-here")).toMatchObject({
    status: "error",
    output: expect.stringContaining("not found"),
  })
})

test("green tests with a runner that ends in an error are red", async () => {
  const late = `${vitestTest}process.on("exit", () => { process.exitCode = 1 })\nsetTimeout(() => { throw new Error("after all") }, 0)\n`
  await using room = await makeRoom({
    "package.json": vitestPackage,
    "sum.mjs": rightSum,
    "sum.test.mjs": `${late}test("waits", () => new Promise(done => setTimeout(done, 50)))\n`,
  })
  expect(await runTests(request(room), signal)).toMatchObject({
    status: "failed",
    passed: 2,
    failed: 0,
    failures: ["exit code 1"],
  })
})

test("a file that says it has tests but holds none is not green", async () => {
  await using room = await makeRoom({
    "package.json": nodePackage,
    "sum.mjs": rightSum,
    "sum.test.mjs": "export {}\n",
  })
  expect(await runTests(request(room), signal)).toMatchObject({ status: "none_selected" })
})

test("nothing to run is said", async () => {
  await using room = await makeRoom({})
  expect(await runTests(request(room), signal)).toEqual({
    status: "none_selected",
    command: "",
    durationMs: 0,
    output: "No test goes with the changed files.",
    failures: [],
    failuresAtBase: [],
  })
})
