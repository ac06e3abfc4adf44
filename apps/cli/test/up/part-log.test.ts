import { expect, test } from "vitest"
import { prettyLine } from "../../src/up/part-log.ts"

const time = "2026-11-23T07:00:37.205Z"

test("a log line becomes time, part, message and fields", () => {
  const line = JSON.stringify({
    level: 30,
    time,
    part: "gateway",
    task: "task_1",
    size: { files: 2 },
    msg: "it was queued",
  })
  expect(prettyLine("gateway", line)).toBe('07:00:37 gateway: it was queued task=task_1 size={"files":2}')
})

test("a warning says so, and an error its message", () => {
  expect(prettyLine("w", JSON.stringify({ level: 40, time, msg: "old git" }))).toBe(
    "07:00:37 w: warn: old git",
  )
  const line = JSON.stringify({ level: 50, time, msg: "failed", err: { message: "no\nroom", stack: "…" } })
  expect(prettyLine("w", line)).toBe("07:00:37 w: error: failed (no room)")
})

test("escape sequences in fields are not printed", () => {
  expect(prettyLine("w", JSON.stringify({ level: 30, time, msg: "x", path: "a\x1b[2Jb" }))).toBe(
    "07:00:37 w: x path=ab",
  )
})

test.each(["Error: boom", "{ not json", '{"level":"x"}', "42"])(
  "a line that is no log entry is shown as it is: %s",
  line => {
    expect(prettyLine("gateway", line)).toBe(`gateway: ${line}`)
  },
)
