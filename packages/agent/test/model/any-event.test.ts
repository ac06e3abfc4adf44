import { join } from "node:path"
import { keptTexts } from "@twolane/testkit/corpus"
import fc from "fast-check"
import { expect, test } from "vitest"
import { parseEvent, startReply } from "../../src/model/reply.ts"

const types = [
  "response.created",
  "response.output_text.delta",
  "response.refusal.delta",
  "response.function_call_arguments.delta",
  "response.custom_tool_call_input.delta",
  "response.output_item.added",
  "response.output_item.done",
  "response.completed",
  "response.incomplete",
  "response.failed",
  "error",
  "nothing.known",
]
const names = ["response", "item", "delta", "output_index", "error", "usage", "id", "type", "name", "call_id"]

/** An event as a service that is broken, or means harm, may send it: the right names, and anything behind them. */
const anyEvent = fc
  .tuple(
    fc.constantFrom(...types),
    fc.dictionary(
      fc.constantFrom(...names),
      fc.oneof(
        fc.jsonValue({ maxDepth: 2 }),
        fc.dictionary(fc.constantFrom(...names), fc.jsonValue({ maxDepth: 1 })),
        fc.constantFrom({ type: "function_call", name: "shell", call_id: "c" }, { type: "message" }, null),
      ),
    ),
  )
  .map(([type, fields]) => JSON.stringify({ ...fields, type }))
const anyText = fc.oneof(anyEvent, fc.json(), fc.string({ unit: "binary" }))

test("no frame of a socket or a stream makes reading an answer throw; what failed once comes first", () => {
  const kept = keptTexts(join(import.meta.dirname, ".."), "events")
  fc.assert(
    fc.property(fc.array(anyText, { maxLength: 8 }), frames => {
      const said: unknown[] = []
      const reply = startReply(event => said.push(event), new Set(["apply_patch"]))
      const results = frames.map(parseEvent).map(event => (event === null ? null : reply.accept(event)))
      expect(results.every(result => result === null || typeof result.ok === "boolean")).toBe(true)
    }),
    { numRuns: 3_000, examples: [...kept.map(text => [[text]] as [string[]]), [kept]] },
  )
})
