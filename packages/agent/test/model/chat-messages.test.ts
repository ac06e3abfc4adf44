import type { TranscriptItem } from "@twolane/protocol"
import { ChatRequest, fromChat } from "@twolane/testkit/model/chat-request"
import fc from "fast-check"
import { expect, test } from "vitest"
import { chatMessages, chatTools } from "../../src/model/chat-messages.ts"
import { asCustomItem } from "../../src/model/dialect.ts"
import { tools } from "./harness.ts"

/** One step of a conversation: what the model said and called, then each call's result. */
const step = fc
  .record({
    text: fc.string({ minLength: 1 }),
    reasons: fc.boolean(),
    calls: fc.array(fc.record({ custom: fc.boolean(), input: fc.string(), output: fc.string() }), {
      maxLength: 3,
    }),
    user: fc.string({ minLength: 1 }),
  })
  .map(made => made)

type Step = typeof step extends fc.Arbitrary<infer Made> ? Made : never

const items = (steps: readonly Step[]): TranscriptItem[] =>
  steps.flatMap(({ text, reasons, calls, user }, at) => {
    const id = (index: number) => `call_${at}_${index}`
    return [
      { type: "message", role: "user", content: user },
      ...(reasons ? [{ type: "reasoning", summary: [], encrypted_content: "x" }] : []),
      { type: "message", role: "assistant", content: text },
      ...calls.map(({ custom, input }, index) =>
        custom
          ? { type: "custom_tool_call", call_id: id(index), name: "apply_patch", input }
          : {
              type: "function_call",
              call_id: id(index),
              name: "shell",
              arguments: JSON.stringify({ command: input }),
            },
      ),
      ...calls.map(({ custom, output }, index) => ({
        type: custom ? "custom_tool_call_output" : "function_call_output",
        call_id: id(index),
        output,
      })),
    ]
  })

const plain = (item: TranscriptItem) =>
  item.type === "custom_tool_call_output" ? { ...item, type: "function_call_output" } : item

test("a conversation survives the way to chat messages and back, but for its reasoning", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 4 }), steps => {
      const context = items(steps)
      const chat = { model: "m", messages: chatMessages("Be brief.", context), tools: chatTools(tools) }
      const back = fromChat(ChatRequest.parse(chat))
      const custom = new Set(["apply_patch"])
      expect(back.instructions).toBe("Be brief.")
      expect((back.input as TranscriptItem[]).map(item => asCustomItem(item, custom))).toEqual(
        context.filter(item => item.type !== "reasoning").map(plain),
      )
    }),
  )
})

test("what one answer said and called is one message, and two messages in a row are joined", () => {
  const context = [
    { type: "message", role: "assistant", content: [{ type: "output_text", text: "One." }] },
    { type: "message", role: "assistant", content: [{ type: "output_text", text: "Two." }] },
    { type: "function_call", call_id: "a", name: "shell", arguments: "{}" },
    { type: "function_call", call_id: "b", name: "shell", arguments: "{}" },
    { type: "function_call_output", call_id: "a", output: [{ type: "input_text", text: "A" }] },
    { type: "function_call_output", call_id: "b", output: "B" },
  ]
  const shell = (id: string) => ({ id, type: "function", function: { name: "shell", arguments: "{}" } })
  expect(chatMessages("", context)).toEqual([
    { role: "assistant", content: "One.\n\nTwo.", tool_calls: [shell("a"), shell("b")] },
    { role: "tool", tool_call_id: "a", content: "A" },
    { role: "tool", tool_call_id: "b", content: "B" },
  ])
})

test("a steering note between a call and its result comes after the result", () => {
  const call = { type: "function_call", call_id: "c1", name: "shell", arguments: "{}" }
  const other = { type: "custom_tool_call", call_id: "c2", name: "apply_patch", input: "x" }
  const context = [
    { type: "message", role: "user", content: "Go." },
    call,
    other,
    { type: "message", role: "user", content: "Hurry." },
    { type: "function_call_output", call_id: "c1", output: "one" },
    { type: "custom_tool_call_output", call_id: "c2", output: "two" },
  ]
  expect(chatMessages("", context).map(({ role }) => role)).toEqual([
    "user",
    "assistant",
    "tool",
    "tool",
    "user",
  ])
})
