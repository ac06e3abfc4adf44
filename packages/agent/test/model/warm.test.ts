import { inOrder, say, startModel } from "@twolane/testkit"
import { expect, test } from "vitest"
import { createModels } from "../../src/model/open-model.ts"
import type { ModelTransport } from "../../src/model/port.ts"
import { asking, quick, rig, user } from "./harness.ts"

const never = new AbortController().signal

test("a conversation that was read ahead is continued: the step sends only what is new", async () => {
  await using model = await rig("websocket", { script: inOrder(say("Here.")) })
  const context = [user("Read this.")]
  const warmed = model.session.warm(asking(context), never)
  const step = model.step([...context, user("Now go.")])
  await warmed
  expect(await step).toMatchObject({ ok: true })
  const [ahead, asked] = model.server.requests
  expect(ahead?.body).toMatchObject({ generate: false, input: context })
  expect(asked?.body).toMatchObject({ previous_response_id: expect.any(String), input: [user("Now go.")] })
  expect(model.events.filter(({ type }) => type !== "item")).not.toEqual([])
  expect(model.server.upgrades()).toBe(1)
})

test("a conversation made anew from the Transcript is continued as well", async () => {
  await using model = await rig("websocket", { script: inOrder(say("One."), say("Two.")) })
  const first = await model.step([user("Go.")])
  if (!first.ok) throw new Error(first.detail)
  await model.step([...structuredClone([user("Go."), ...first.items]), user("Again.")])
  expect(model.server.requests[1]?.body).toMatchObject({ input: [user("Again.")] })
})

test.each<ModelTransport>(["sse", "chat"])(
  "over %s there is nothing to warm, and nothing happens",
  async transport => {
    await using model = await rig(transport, { script: inOrder(say("Here.")) })
    await model.session.warm(asking([user("Read.")]), never)
    expect(model.server.requests).toHaveLength(0)
    expect(await model.step([user("Go.")])).toMatchObject({ ok: true })
  },
)

test("a warm-up of a provider that refuses the socket does no harm", async () => {
  await using model = await rig("auto", { script: inOrder(say("Here.")), transports: ["sse"] })
  await model.session.warm(asking([user("Read.")]), never)
  expect(await model.step([user("Go.")])).toMatchObject({ ok: true })
})

test("an aborted warm-up rejects with the reason, and the session can be used", async () => {
  await using model = await rig("websocket", { script: inOrder(say("Here.")) })
  const stop = new AbortController()
  const warmed = model.session.warm(asking([user("Read.")]), stop.signal)
  stop.abort({ by: "user" })
  await expect(warmed).rejects.toEqual({ by: "user" })
  expect(await model.step([user("Go.")])).toMatchObject({ ok: true })
})

/** Waits until the server has as many sockets; each of its looks is a turn of the event loop. */
const connected = async (server: { connections(): number }, count: number): Promise<void> => {
  await expect.poll(() => server.connections(), { interval: 5 }).toBe(count)
}

test("a session takes a socket that stands ready, and after an interrupt the next one", async () => {
  const slow = { ...say("word ".repeat(2_000)), tokensPerSecond: 500 }
  await using server = await startModel({ script: inOrder(slow, say("Again.")) })
  const models = createModels(quick)
  const endpoint = { model: "m", baseUrl: server.url, apiKey: "", transport: "websocket" as const }
  await using _ready = models.keepReady(endpoint, 2)
  await connected(server, 2)
  await using session = models.open(endpoint)
  const spoke = Promise.withResolvers<void>()
  const stop = new AbortController()
  const step = session.step(asking([user("Go.")]), () => spoke.resolve(), stop.signal)
  step.catch(() => undefined)
  await spoke.promise
  expect(server.requests[0]?.connection).toBeLessThanOrEqual(2)
  await connected(server, 3)
  stop.abort({ by: "user" })
  await expect(step).rejects.toEqual({ by: "user" })
  expect(await session.step(asking([user("Go on.")]), () => undefined, never)).toMatchObject({ ok: true })
  expect(server.requests[1]?.connection).toBeLessThanOrEqual(3)
})

test("sockets that the service closes are opened again, and none is left at the end", async () => {
  await using server = await startModel({ script: () => say("Here.") })
  const models = createModels(quick)
  const endpoint = { model: "m", baseUrl: server.url, apiKey: "", transport: "auto" as const }
  const ready = models.keepReady(endpoint, 1)
  await connected(server, 1)
  server.dropConnections()
  await expect.poll(() => server.upgrades(), { interval: 5 }).toBe(2)
  await connected(server, 1)
  await ready[Symbol.asyncDispose]()
  await connected(server, 0)
})

test("a provider that refuses sockets is not asked again", async () => {
  await using server = await startModel({ script: () => say("Here."), transports: ["sse"] })
  const models = createModels(quick)
  await using _ready = models.keepReady({ model: "m", baseUrl: server.url, apiKey: "", transport: "auto" }, 3)
  await expect.poll(() => server.upgrades(), { interval: 5 }).toBe(3)
  await using session = models.open({ model: "m", baseUrl: server.url, apiKey: "", transport: "sse" })
  expect(await session.step(asking([user("Go.")]), () => undefined, never)).toMatchObject({ ok: true })
  expect(server.upgrades()).toBe(3)
})
