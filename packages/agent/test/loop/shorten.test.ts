import type { TranscriptItem } from "@twolane/protocol"
import fc from "fast-check"
import { expect, test } from "vitest"
import { answeredCall, callsOf, estimateTokens, unansweredCalls, userMessage } from "../../src/items.ts"
import { shorten } from "../../src/loop/shorten.ts"

const call = (id: string): TranscriptItem => ({
  type: "function_call",
  call_id: id,
  name: "read_file",
  arguments: "{}",
})
const result = (id: string, length: number): TranscriptItem => ({
  type: "function_call_output",
  call_id: id,
  output: "x".repeat(length),
})
const steps = (count: number, length: number): TranscriptItem[] =>
  Array.from({ length: count }, (_, index) => [call(`c${index}`), result(`c${index}`, length)]).flat()

test("a context under 70 % of the window stays as it is", () => {
  expect(shorten([userMessage("task")], 699, 1_000)).toBeNull()
})

test("old results are emptied before anything is left out, and the newest stay whole", () => {
  const context = [userMessage("task"), ...steps(20, 2_000)]
  const used = estimateTokens(context)
  const shorter = shorten(context, used, used)
  expect(shorter?.context.length).toBe(context.length)
  expect(shorter?.context.slice(-8)).toEqual(context.slice(-8))
  expect(shorter?.context[2]).toMatchObject({ output: expect.stringContaining("left out to fit") })
})

test("whatever is left out, the task stays first and no result stands without its call", () => {
  const sizes = fc.array(fc.integer({ min: 0, max: 3_000 }), { minLength: 1, maxLength: 60 })
  fc.assert(
    fc.property(sizes, fc.integer({ min: 200, max: 20_000 }), (lengths, window) => {
      const pairs = lengths.flatMap((length, index) => [call(`c${index}`), result(`c${index}`, length)])
      const context = [userMessage("task"), ...pairs]
      const after = shorten(context, estimateTokens(context), window)?.context ?? context
      expect(after[0]).toBe(context[0])
      expect(unansweredCalls(after)).toEqual([])
      const calls = new Set(callsOf(after).map(({ call: id }) => id))
      expect(after.map(answeredCall).every(id => id === undefined || calls.has(id))).toBe(true)
    }),
  )
})
