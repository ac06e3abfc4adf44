import {
  type DoubleAnswer,
  ended,
  handoff,
  json,
  messageText,
  problemDocument,
  send,
  started,
  stream,
} from "@twolane/testkit/gateway-double"
import { expect, test } from "vitest"
import { takePrompt } from "../../src/commands/take-prompt.ts"
import { caller } from "../twolane.ts"
import { callText, type Double, green, patched, startDouble, task } from "./start-double.ts"

const fixed = [started("1-1"), messageText("I m"), callText("c", "*** Begin"), patched("1-2"), green("1-3")]
const succeeded = ended("1-4", { status: "succeeded" })
const me = { key: "key_1", name: "me" }

const withTask = (...answers: readonly DoubleAnswer[]) =>
  startDouble({ "POST /v1/tasks": answers, "GET /v1/tasks/task_1": [json(200, task)] })
const ask = (double: Double, ...args: string[]) =>
  caller({ TWOLANE_URL: double.url, TWOLANE_API_KEY: "tl_key" })(["ask", "-r", "shop", ...args])

test("without a terminal a turn is plain lines: the diff, the tests, the timings", async () => {
  await using double = await withTask(stream([...fixed, succeeded]))
  const { code, out, notes } = await ask(double, "-s", "src/**", "-s", "test/**", "mend it")
  expect([code, notes]).toEqual([0, ""])
  expect(out).not.toContain("\x1b")
  const lines = out.trimEnd().split("\n")
  expect(lines.slice(0, 7)).toEqual([
    "started on w with m",
    "  M a.js +1 -1",
    "--- a/a.js",
    "+++ b/a.js",
    "@@ -1 +1 @@",
    "-one",
    "+two",
  ])
  expect(lines.slice(7)).toEqual([
    "  tests passed: 2 passed (90 ms)",
    "succeeded",
    "0 steps, 0 tokens in (0 cached), 0 out",
    expect.stringMatching(/^first token .* · first edit .* · green .* · ended /),
    "See the change: twolane diff task_1 · take it: twolane accept task_1",
  ])
  expect(double.calls[0]?.body).toEqual({
    repo: "shop",
    prompt: "mend it",
    lane: "fast",
    scope: ["src/**", "test/**"],
  })
})

test("with --json each event is a line, and the last one the task with the timings", async () => {
  await using double = await withTask(stream([...fixed, succeeded]))
  const { code, out } = await ask(double, "--json", "mend it")
  const lines = out
    .trim()
    .split("\n")
    .map(line => JSON.parse(line))
  expect(code).toBe(0)
  expect(lines.slice(0, -1).map(event => event.id)).toEqual(["1-1", "1-2", "1-3", "1-4"])
  const ms: unknown = expect.toSatisfy(Number.isInteger)
  expect(lines.at(-1)).toEqual({
    task,
    timings: { firstTokenMs: ms, firstEditMs: ms, greenMs: ms, endedMs: ms },
  })
})

test.each([
  ["failed", 1, ended("1-2", { status: "failed", code: "tests-red" })],
  ["canceled", 3, ended("1-2", { status: "canceled", by: me })],
  ["limited", 4, ended("1-2", { status: "limited", which: "cycles" })],
])("a turn that is %s exits with %i", async (_status, code, end) => {
  await using double = await withTask(stream([started("1-1"), end]))
  expect((await ask(double, "mend it")).code).toBe(code)
})

test("a turn that is handed off is followed to the end of the other one", async () => {
  await using double = await startDouble({
    "POST /v1/tasks": [stream([started("1-1"), ended("1-2", { status: "handed_off" })])],
    "GET /v1/tasks/task_1/events": [
      stream([
        handoff("1-3"),
        started("2-1", "turn_2", "deep"),
        ended("2-2", { status: "limited", which: "seconds" }, "turn_2"),
      ]),
    ],
    "GET /v1/tasks/task_1": [json(200, task)],
  })
  const { code, out } = await ask(double, "mend it")
  expect(code).toBe(4)
  expect(out).toContain("handed from the fast lane to the deep lane")
})

test("a refusal, a gateway that is not there, and a wrong call have codes of their own", async () => {
  await using double = await withTask(json(503, problemDocument("no-worker", 503)))
  const refused = await ask(double, "--json", "mend it")
  expect([refused.code, JSON.parse(refused.out).error.code]).toEqual([1, "no-worker"])
  const nowhere = caller({ TWOLANE_URL: "http://127.0.0.1:9", TWOLANE_API_KEY: "tl_key" })
  expect((await nowhere(["ask", "-r", "shop", "mend it"])).code).toBe(5)
  expect((await ask(double)).code).toBe(2)
  expect((await ask(double, "--take-over", "mend it")).code).toBe(2)
})

test("a follow-up takes a task over from its running turn", async () => {
  await using double = await startDouble({
    "GET /v1/tasks/task_1": [json(200, task)],
    "POST /v1/tasks/task_1/turns": [
      response => send(response, started("2-1"), ended("2-2", { status: "succeeded" })),
    ],
  })
  const twolane = caller({ TWOLANE_URL: double.url, TWOLANE_API_KEY: "tl_key" })
  expect((await twolane(["ask", "--task", "task_1", "--take-over", "and this"])).code).toBe(0)
  const { body } = await double.called("POST /v1/tasks/task_1/turns")
  expect(body).toEqual({ prompt: "and this", lane: "fast", interrupt: true })
})

test("the last word of a scope is the prompt when there is no other", () => {
  expect(takePrompt([], { scope: ["a", "b", "mend it"] })).toEqual({
    prompt: "mend it",
    options: { scope: ["a", "b"] },
  })
  expect(takePrompt(["mend", "it"], { scope: ["a", "b"] })).toEqual({
    prompt: "mend it",
    options: { scope: ["a", "b"] },
  })
  expect(takePrompt([], { scope: ["a"] })).toEqual({ prompt: null, options: { scope: ["a"] } })
})
