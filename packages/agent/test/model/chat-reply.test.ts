import { expect, test } from "vitest"
import { startChatReply } from "../../src/model/chat-reply.ts"

const read = (chunks: readonly unknown[], usedIds: readonly string[] = []) => {
  const reply = startChatReply(() => {}, {
    custom: new Set(["apply_patch"]),
    usedIds: new Set(usedIds),
    bytes: 400,
  })
  for (const chunk of chunks) reply.accept(typeof chunk === "string" ? chunk : JSON.stringify(chunk))
  return reply.end()
}
const delta = (body: object, finish_reason: string | null = null) => ({
  choices: [{ delta: body, finish_reason }],
})
const called = (piece: object) => delta({ tool_calls: [piece] })

test("a host that gives each answer's calls the same ids gets ids of ours", () => {
  const chunks = [
    called({ index: 0, id: "call_0", function: { name: "shell", arguments: "{}" } }),
    called({ index: 1, id: "call_0", function: { name: "shell", arguments: "{}" } }),
    called({ index: 2, id: "", function: { name: "shell" } }),
    delta({}, "tool_calls"),
  ]
  const fresh = read(chunks)
  const again = read(chunks, ["call_0"])
  const ids = (result: typeof fresh) => (result.ok ? result.items.map(item => String(item.call_id)) : [])
  expect(ids(fresh)[0]).toBe("call_0")
  expect(new Set(ids(fresh)).size).toBe(3)
  expect(ids(again)).not.toContain("call_0")
  expect(fresh).toMatchObject({ ok: true, items: [{}, {}, { arguments: "{}" }] })
})

test("calls without an index are told apart by their ids", () => {
  const result = read([
    called({ id: "a", function: { name: "shell", arguments: '{"command":' } }),
    called({ function: { arguments: '"ls"}' } }),
    called({ id: "b", function: { name: "apply_patch", arguments: '{"input":"x"}' } }),
    delta({}, "stop"),
  ])
  expect(result).toMatchObject({
    ok: true,
    items: [
      { type: "function_call", call_id: "a", arguments: '{"command":"ls"}' },
      { type: "custom_tool_call", call_id: "b", input: "x" },
    ],
  })
})

test("usage that is not reported is estimated", () => {
  const result = read([delta({ content: "12345678" }, "stop"), "not json", { odd: true }])
  expect(result).toMatchObject({ ok: true, usage: { inputTokens: 100, cachedTokens: 0, outputTokens: 2 } })
})

test("an answer without a reason for its end was cut off", () => {
  expect(read([delta({ content: "Hel" })])).toMatchObject({
    ok: false,
    code: "model-unavailable",
    retryable: true,
  })
})
