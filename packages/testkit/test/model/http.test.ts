import { expect, test } from "vitest"
import { call, type ScriptRequest, say } from "../../src/model/script.ts"
import { startModel } from "../../src/model/start-model.ts"
import { post, stream, type Wire } from "./client.ts"

const typesOf = (events: readonly Wire[]) => events.map(event => event.type)
const patchTool = { type: "custom", name: "apply_patch" }

test("an event stream has the service's events in their order, numbered from 0", async () => {
  await using server = await startModel({
    script: () => ({
      items: [{ type: "reasoning" }, { type: "message", text: "Hi." }, ...call(["apply_patch", "abc"]).items],
    }),
  })
  const include = ["reasoning.encrypted_content"]
  const events = await stream(server, "/responses", { model: "m", input: "Go.", include, tools: [patchTool] })
  expect(typesOf(events)).toEqual([
    "response.created",
    "response.in_progress",
    "response.output_item.added",
    "response.output_item.done",
    "response.output_item.added",
    "response.content_part.added",
    "response.output_text.delta",
    "response.output_text.done",
    "response.content_part.done",
    "response.output_item.done",
    "response.output_item.added",
    "response.custom_tool_call_input.delta",
    "response.custom_tool_call_input.done",
    "response.output_item.done",
    "response.completed",
  ])
  expect(events.map(event => event.sequence_number)).toEqual(events.map((_, index) => index))
  const { response } = events.at(-1) as { response: { output: Wire[]; status: string } }
  expect(response).toMatchObject({
    status: "completed",
    output: [
      { type: "reasoning", encrypted_content: expect.any(String) },
      { type: "message", role: "assistant", content: [{ type: "output_text", text: "Hi." }] },
      { type: "custom_tool_call", name: "apply_patch", input: "abc", status: "completed" },
    ],
    usage: { input_tokens: expect.any(Number), input_tokens_details: { cached_tokens: 0 } },
  })
  expect(events.filter(event => event.type === "response.output_item.done").map(event => event.item)).toEqual(
    response.output,
  )
})

test("without a stream the whole response is one JSON answer, and a stored one may be continued", async () => {
  const seen: ScriptRequest[] = []
  await using server = await startModel({
    script: request => {
      seen.push(request)
      return say(`${request.items.length} items`)
    },
  })
  const first = await post(server, "/responses", { model: "m", input: "One." })
  const previous_response_id = first.body.id
  const second = await post(server, "/responses", {
    model: "m",
    input: "Two.",
    previous_response_id,
    store: false,
  })
  expect(second.body).toMatchObject({ object: "response", status: "completed", previous_response_id })
  expect(seen[1]?.items).toMatchObject([{ role: "user" }, { role: "assistant" }, { role: "user" }])
  const third = await post(server, "/responses", {
    model: "m",
    input: "3.",
    previous_response_id: second.body.id,
  })
  expect([third.status, (third.body.error as Wire).code]).toEqual([400, "previous_response_not_found"])
})

test.each([
  ["{", 400, null],
  [{ input: "x" }, 400, "missing_required_parameter"],
  [{ model: "m", input: 7 }, 400, "invalid_value"],
  [{ model: "m", input: "x", tools: [{ type: "telepathy", name: "t" }] }, 400, "invalid_value"],
  [{ model: "m", input: [{ type: "dream" }] }, 400, "invalid_value"],
  [
    { model: "gpt-5.3-codex-spark", input: "x", reasoning: { summary: "auto" } },
    400,
    "unsupported_parameter",
  ],
  [{ model: "m", input: [{ type: "function_call", call_id: "c1", name: "f", arguments: "{}" }] }, 400, null],
  [{ model: "m", input: [{ type: "function_call_output", call_id: "c1", output: "x" }] }, 400, null],
  [{ model: "other", input: "x" }, 404, "model_not_found"],
])("the body %j is refused: %s %s", async (body, status, code) => {
  await using server = await startModel({ script: () => say("Hi."), models: ["m", "gpt-5.3-codex-spark"] })
  const answer = await post(server, "/responses", body)
  expect(answer.status).toBe(status)
  expect(answer.body.error).toMatchObject({
    code,
    message: expect.any(String),
    type: "invalid_request_error",
  })
  expect(answer.headers.get("x-request-id")).toMatch(/^req_/)
})

test("an unanswered call is refused in the service's words", async () => {
  await using server = await startModel({ script: () => say("Hi.") })
  const item = { type: "function_call", call_id: "call_7", name: "f", arguments: "{}" }
  const answer = await post(server, "/responses", { model: "m", input: [item] })
  expect(answer.body.error).toMatchObject({ message: "No tool output found for function call call_7." })
})

test("a key is asked for when there is one, and models are listed", async () => {
  await using server = await startModel({ script: () => say("Hi."), apiKey: "right", models: ["a", "b"] })
  const list = async (key: string) => {
    const response = await fetch(`${server.url}/models`, { headers: { authorization: `Bearer ${key}` } })
    return [response.status, ((await response.json()) as { data?: Wire[] }).data?.map(model => model.id)]
  }
  expect(await list("wrong")).toEqual([401, undefined])
  expect(await list("right")).toEqual([200, ["a", "b"]])
  const none = await post(server, "/responses", { model: "a", input: "x" })
  expect([none.status, none.body.error]).toMatchObject([401, { code: "invalid_api_key" }])
})

test("Chat Completions stream in chunks with the tools as functions, and answer whole without a stream", async () => {
  await using server = await startModel({
    script: () => ({ items: [{ type: "message", text: "Hi." }, ...call(["apply_patch", "abc"]).items] }),
  })
  const body = {
    model: "m",
    messages: [
      { role: "system", content: "Be brief." },
      { role: "user", content: "Go." },
    ],
    tools: [{ type: "function", function: { name: "apply_patch" } }],
    stream_options: { include_usage: true },
  }
  const chunks = await stream(server, "/chat/completions", body)
  expect(chunks.at(-1)?.type).toBe("[DONE]")
  expect(chunks.at(-2)).toMatchObject({ choices: [], usage: { completion_tokens: expect.any(Number) } })
  expect(chunks.at(-3)).toMatchObject({ choices: [{ finish_reason: "tool_calls" }] })
  const whole = await post(server, "/chat/completions", body)
  expect(whole.body).toMatchObject({
    object: "chat.completion",
    choices: [
      {
        finish_reason: "tool_calls",
        message: {
          content: "Hi.",
          tool_calls: [{ function: { name: "apply_patch", arguments: '{"input":"abc"}' } }],
        },
      },
    ],
  })
})

test("what was sent before counts as cached, in blocks of 128 tokens", async () => {
  await using server = await startModel({ script: () => say("Hi.") })
  const long = { type: "message", role: "user", content: "word ".repeat(1_000) }
  const usage = async (input: unknown[]) => {
    const { body } = await post(server, "/responses", { model: "m", input })
    const { input_tokens, input_tokens_details } = body.usage as Record<
      string,
      number & { cached_tokens: number }
    >
    return [input_tokens, input_tokens_details?.cached_tokens] as const
  }
  const [tokens, before] = await usage([long])
  const [, after] = await usage([long, { type: "message", role: "user", content: "more" }])
  expect(before).toBe(0)
  expect(after).toBe(Math.floor((tokens ?? 0) / 128) * 128)
})

test("a rate of 4,000 tokens a second is kept, for one stream and for twenty", async () => {
  const text = "word ".repeat(800) // 1,000 tokens
  await using server = await startModel({ script: () => ({ ...say(text), tokensPerSecond: 4_000 }) })
  for (const streams of [1, 20]) {
    const before = performance.now()
    const all = await Promise.all(
      Array.from({ length: streams }, () => stream(server, "/responses", { model: "m", input: "Go." })),
    )
    const tookMs = performance.now() - before
    for (const events of all)
      expect(events.filter(event => event.type === "response.output_text.delta")).toHaveLength(1_000)
    expect(tookMs).toBeGreaterThan(220)
    expect(tookMs).toBeLessThan(streams === 1 ? 1_000 : 4_000)
  }
})

test("a script's own bug is a 500 that names it", async () => {
  await using server = await startModel({
    script: () => {
      throw new Error("oops")
    },
  })
  const answer = await post(server, "/responses", { model: "m", input: "x" })
  expect([answer.status, answer.body.error]).toMatchObject([
    500,
    { message: expect.stringContaining("oops") },
  ])
})
