import { startModel } from "@twolane/testkit"
import { expect, test } from "vitest"
import { createOpenModel } from "../../src/model/open-model.ts"
import { asking, quick, rig, user } from "./harness.ts"

const go = [user("Go.")]
const hi = () => ({ items: [{ type: "message" as const, text: "Hi." }] })

test("auto speaks over a WebSocket where it can", async () => {
  await using model = await rig("auto", { script: hi })
  await model.step(go)
  expect(model.server.requests.map(request => request.transport)).toEqual(["websocket"])
})

test("a provider that refuses the socket is asked over SSE, without a retry, by every session of the process", async () => {
  await using server = await startModel({ script: hi, transports: ["sse"] })
  const open = createOpenModel(quick)
  const endpoint = { model: "m", baseUrl: server.url, apiKey: "", transport: "auto" } as const
  const events: unknown[] = []
  for (const _ of [1, 2]) {
    await using session = open(endpoint)
    const result = await session.step(
      asking(go),
      event => events.push(event.type),
      new AbortController().signal,
    )
    expect(result.ok).toBe(true)
  }
  expect(events).not.toContain("retry")
  expect(server.requests.map(request => request.transport)).toEqual(["sse", "sse"])
  expect(server.upgrades()).toBe(1)
})

test("a wrong key is a wrong key, whichever way it is found out", async () => {
  await using server = await startModel({ script: hi, apiKey: "right" })
  const open = createOpenModel(quick)
  for (const transport of ["auto", "websocket", "sse", "chat"] as const) {
    await using session = open({ model: "m", baseUrl: server.url, apiKey: "wrong", transport })
    const result = await session.step(asking(go), () => {}, new AbortController().signal)
    expect(result).toMatchObject({ ok: false, code: "model-auth" })
  }
})

test("the WebSocket alone says what to do where it is refused", async () => {
  await using model = await rig("websocket", { script: hi, transports: ["sse"] })
  const result = await model.step(go)
  expect(result).toMatchObject({
    ok: false,
    code: "model-unavailable",
    detail: expect.stringContaining("auto"),
  })
  expect(model.events).toEqual([])
})

test("a provider that knows neither custom tools nor encrypted reasoning is spoken to without", async () => {
  const patch = "*** Begin Patch\n*** End Patch"
  await using server = await startModel({
    script: () => ({ items: [{ type: "call", name: "apply_patch", input: patch }] }),
    without: ["custom tools", "encrypted reasoning"],
  })
  const open = createOpenModel(quick)
  for (const transport of ["websocket", "sse"] as const) {
    await using session = open({ model: "m", baseUrl: server.url, apiKey: "", transport })
    const context = [...go]
    const first = await session.step(asking(context), () => {}, new AbortController().signal)
    if (!first.ok) throw new Error(first.detail)
    expect(first.items).toMatchObject([{ type: "custom_tool_call", input: patch }])
    context.push(...first.items, {
      type: "custom_tool_call_output",
      call_id: first.items[0]?.call_id,
      output: "ok",
    })
    expect(await session.step(asking(context), () => {}, new AbortController().signal)).toMatchObject({
      ok: true,
    })
  }
  const { tools, include } = server.requests.at(-1)?.body ?? {}
  expect(include).toBeUndefined()
  expect((tools as { type: string }[]).map(tool => tool.type)).toEqual(["function", "function"])
})
