import { setTimeout as sleep } from "node:timers/promises"
import {
  call,
  callsOf,
  follow,
  type House,
  makeLibrary,
  only,
  openStream,
  playing,
  type Receiver,
  register,
  say,
  startHouse,
  startModel,
  startReceiver,
  sumPatch,
} from "@twolane/testkit"
import { afterAll, beforeAll, expect, test } from "vitest"
import { z } from "zod"

let stack: AsyncDisposableStack
let receiver: Receiver
let house: House
beforeAll(async () => {
  stack = new AsyncDisposableStack()
  const library = stack.use(await makeLibrary())
  const model = stack.use(
    await startModel({
      script: playing({
        mend: seen =>
          callsOf(seen, "apply_patch") === 0
            ? call(["apply_patch", sumPatch("a - b", "a + b")])
            : say("All is mended."),
      }),
    }),
  )
  receiver = stack.use(
    await startReceiver(response =>
      response.writeHead(200, { "content-type": "application/json" }).end("{}"),
    ),
  )
  house = stack.use(
    await startHouse({
      modelUrl: model.url,
      fastWorkers: 1,
      env: { OTEL_EXPORTER_OTLP_ENDPOINT: new URL(receiver.url).origin },
    }),
  )
  await register(house, "sums", library)
})
afterAll(() => stack.disposeAsync())

/** What OTLP's JSON says of a span, of which we look at this much. */
const Told = z.object({
  resourceSpans: z.array(
    z.looseObject({
      resource: z.looseObject({
        attributes: z.array(z.object({ key: z.string(), value: z.record(z.string(), z.unknown()) })),
      }),
      scopeSpans: z.array(
        z.looseObject({
          spans: z.array(
            z.looseObject({
              traceId: z.string(),
              spanId: z.string(),
              parentSpanId: z.string().optional(),
              name: z.string(),
              startTimeUnixNano: z.string(),
              endTimeUnixNano: z.string(),
              attributes: z.array(z.object({ key: z.string(), value: z.record(z.string(), z.unknown()) })),
            }),
          ),
        }),
      ),
    }),
  ),
})
const spansOf = (traceId: string) =>
  receiver.received
    .flatMap(({ body }) => Told.parse(JSON.parse(body)).resourceSpans)
    .flatMap(({ resource, scopeSpans }) =>
      scopeSpans.flatMap(({ spans }) =>
        spans.map(span => ({
          ...span,
          by: resource.attributes.find(({ key }) => key === "service.name")?.value.stringValue,
          says: Object.fromEntries(span.attributes.map(({ key, value }) => [key, Object.values(value)[0]])),
        })),
      ),
    )
    .filter(span => span.traceId === traceId)

/** Spans come within some seconds of what they tell of. */
const spansWhen = async (traceId: string, name: string) => {
  for (const until = performance.now() + 20_000; performance.now() < until; await sleep(50)) {
    const spans = spansOf(traceId)
    if (spans.some(span => span.name.startsWith(name)) && spans.some(({ by }) => by === "twolane-gateway"))
      return spans
  }
  throw new Error(`no span ${name}: ${JSON.stringify(spansOf(traceId).map(span => span.name))}`)
}

const shapeOf = (spans: ReturnType<typeof spansOf>, caller: string) =>
  spans.map(({ name, by, parentSpanId }) => ({
    name,
    by,
    below: parentSpanId === caller ? "caller" : spans.find(({ spanId }) => spanId === parentSpanId)?.name,
  }))

test("a deep turn's wait, run, model calls, tools and tests are one trace with its submit, below the caller's span", async () => {
  const [traceId, caller] = ["0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"]
  const { body } = await house.call(
    "POST",
    "/v1/tasks",
    { lane: "deep", repo: "sums", prompt: "[mend] sum adds wrongly" },
    { traceparent: `00-${traceId}-${caller}-01` },
  )
  const { id } = z.looseObject({ id: z.string() }).parse(body)
  const events = await follow(house, id)
  expect(only(events, "turn.queued")[0]?.trace).toMatch(new RegExp(`^00-${traceId}-[0-9a-f]{16}-01$`))
  const spans = await spansWhen(traceId, "invoke_agent")
  const shape = shapeOf(spans, caller)
  const [post, run] = ["POST /v1/tasks", "invoke_agent twolane-deep"]
  expect(shape).toEqual(
    expect.arrayContaining([
      { name: post, by: "twolane-gateway", below: "caller" },
      { name: "queue deep", by: "twolane-deep-worker", below: post },
      { name: run, by: "twolane-deep-worker", below: post },
      { name: "execute_tool apply_patch", by: "twolane-deep-worker", below: run },
      { name: "run_tests", by: "twolane-deep-worker", below: run },
    ]),
  )
  const chats = spans.filter(({ name }) => name.startsWith("chat "))
  expect(chats).toHaveLength(2)
  const [usage] = only(events, "usage.reported")
  expect(chats[0]?.says).toMatchObject({
    "gen_ai.operation.name": "chat",
    "gen_ai.conversation.id": id,
    "gen_ai.request.model": usage?.model,
    "gen_ai.usage.input_tokens": usage?.inputTokens,
  })
  for (const { startTimeUnixNano, endTimeUnixNano } of spans)
    expect(BigInt(endTimeUnixNano) >= BigInt(startTimeUnixNano)).toBe(true)
  // Neither what was asked nor what was written.
  expect(JSON.stringify(spans)).not.toMatch(/adds wrongly|a \+ b|All is mended|Begin Patch/)
})

test("a fast turn's spans join its caller's trace, too", async () => {
  const [traceId, caller] = ["1af7651916cd43dd8448eb211c80319d", "c7ad6b7169203332"]
  const request = { lane: "fast", repo: "sums", prompt: "[mend] sum adds wrongly", scope: ["src/sum.js"] }
  await using stream = await openStream(house, "/v1/tasks", request, {
    traceparent: `00-${traceId}-${caller}-01`,
  })
  await stream.rest()
  const shape = shapeOf(await spansWhen(traceId, "invoke_agent"), caller)
  expect(shape).toEqual(
    expect.arrayContaining([
      { name: "POST /v1/tasks", by: "twolane-gateway", below: "caller" },
      { name: "invoke_agent twolane-fast", by: "twolane-fast-worker", below: "POST /v1/tasks" },
      { name: "execute_tool apply_patch", by: "twolane-fast-worker", below: "invoke_agent twolane-fast" },
    ]),
  )
})

test("whoever asks not to be traced is not", async () => {
  const traceId = "2af7651916cd43dd8448eb211c80319e"
  const header = { traceparent: `00-${traceId}-d7ad6b7169203333-00` }
  const { body } = await house.call(
    "POST",
    "/v1/tasks",
    { lane: "deep", repo: "sums", prompt: "[mend] it" },
    header,
  )
  await follow(house, z.looseObject({ id: z.string() }).parse(body).id)
  // A later turn's spans are here: those of this one would be, too.
  const later = "3af7651916cd43dd8448eb211c80319f"
  const next = await house.call(
    "POST",
    "/v1/tasks",
    { lane: "deep", repo: "sums", prompt: "[mend] it" },
    { traceparent: `00-${later}-e7ad6b7169203334-01` },
  )
  await follow(house, z.looseObject({ id: z.string() }).parse(next.body).id)
  await spansWhen(later, "invoke_agent")
  expect(spansOf(traceId)).toEqual([])
})
