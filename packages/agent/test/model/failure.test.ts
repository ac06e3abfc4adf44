import { expect, test } from "vitest"
import { failureOf, readError, readErrorBody } from "../../src/model/failure.ts"

const none = { status: 429, header: () => null }

test.each([
  [{ "retry-after-ms": "120", "retry-after": "9" }, 120],
  [{ "retry-after": "1.5" }, 1_500],
  [{ "retry-after": new Date(Date.now() - 5_000).toUTCString() }, 0],
  [{ "retry-after": "soon" }, null],
  [{}, null],
] as const)("the wait of headers %o is %s", (headers, expected) => {
  const header = (name: string) => (headers as Record<string, string>)[name] ?? null
  expect(readErrorBody("{}", { status: 429, header }).retryAfterMs).toBe(expected)
})

test("a rate limit inside a stream says its wait in words", () => {
  const said = (message: string) =>
    readError({ code: "rate_limit_exceeded", message }, { status: null }).retryAfterMs
  expect(said("Rate limit reached. Please try again in 1.898s. Visit us.")).toBe(1_898)
  expect(said("Please try again in 20ms.")).toBe(20)
  expect(said("Please try again later.")).toBe(null)
})

test.each([
  ['{"error":{"message":"No.","code":"x"}}', "No. (HTTP 429, x)"],
  ['{"message":"No."}', "No. (HTTP 429)"],
  ['{"error":"No."}', "No. (HTTP 429)"],
  ["<html>busy</html>", "<html>busy</html> (HTTP 429)"],
  ["", "The provider gave no reason (HTTP 429)"],
  ["null", "The provider gave no reason (HTTP 429)"],
])("the body %s reads %s", (body, detail) => {
  expect(failureOf(readErrorBody(body, none)).detail).toBe(detail)
})

test("an overflow is known by its words where there is no code", () => {
  const message = "This model's maximum context length is 8192 tokens."
  expect(failureOf(readError({ message }, { status: 400 })).code).toBe("context-overflow")
})
