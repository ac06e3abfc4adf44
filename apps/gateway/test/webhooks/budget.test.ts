import {
  type BudgetView,
  type Delivery,
  endTurn,
  type Webhook as Hook,
  type NewEvent,
  type PassedShare,
} from "@twolane/protocol"
import { monthOf, type RunTurn } from "@twolane/store"
import { type Receiver, startReceiver } from "@twolane/testkit"
import { Webhook } from "standardwebhooks"
import { afterAll, beforeAll, expect, test } from "vitest"
import { type OpenGateway, openGateway } from "../open-gateway.ts"

let receiver: Receiver
let gateway: OpenGateway
beforeAll(async () => {
  receiver = await startReceiver()
  gateway = await openGateway({ env: { TWOLANE_WEBHOOK_HOSTS: receiver.host } })
  await gateway.work(spending)
})
afterAll(async () => {
  await gateway[Symbol.asyncDispose]()
  await receiver[Symbol.asyncDispose]()
})

/** A prompt says how many tokens its turn uses. */
const spending: RunTurn = async attempt => {
  await attempt.write((state, at) => {
    const turn = state.turns.find(({ id }) => id === attempt.turn)
    const used: NewEvent = {
      type: "usage.reported",
      model: "thorough",
      inputTokens: Number(turn?.prompt),
      cachedTokens: 0,
      outputTokens: 0,
      costUsd: null,
      ttftMs: null,
      durationMs: 1,
      turn: attempt.turn,
      at,
    }
    return [used, ...endTurn(state, attempt.turn, { status: "succeeded" }, at)]
  })
}

type Message = { type: string; timestamp: string; data: { team: string; budget: PassedShare } }

test("a team's webhook hears once that its budget is nearly used up, and once that it is, whichever gateway sends it", async () => {
  await using _second = await gateway.start()
  const made = await gateway.call("POST", "/v1/webhooks", {
    url: receiver.url,
    events: ["spend.warned", "spend.stopped"],
  })
  expect(made.status).toBe(201)
  const hook = made.body as Hook & { secret: string }
  const heard = () =>
    receiver.received.map(
      ({ body, headers }) =>
        new Webhook(hook.secret).verify(body, headers as Record<string, string>) as Message,
    )
  await gateway.call("PUT", "/v1/budget", { tokens: 1_000, warnAt: 0.5 })
  await gateway.submit({ prompt: "600" })
  await expect.poll(() => heard().length).toBe(1)
  const [warned] = heard()
  expect(warned).toEqual({
    type: "spend.warned",
    timestamp: expect.any(String),
    data: {
      team: "default",
      budget: {
        month: monthOf(gateway.store.now()),
        which: "tokens",
        share: 0.5,
        limit: 1_000,
        used: 600,
        resetsAt: expect.any(Number),
      },
    },
  })
  await gateway.submit({ prompt: "100" })
  const spent = async () => ((await gateway.call("GET", "/v1/budget")).body as BudgetView).spent.tokens
  await expect.poll(spent).toBe(700)
  await gateway.submit({ prompt: "400" })
  await expect.poll(() => heard().map(({ type }) => type)).toEqual(["spend.warned", "spend.stopped"])
  expect(heard()[1]?.data.budget).toMatchObject({ share: 1, used: 1_100 })
  const { body } = await gateway.call("GET", `/v1/webhooks/${hook.id}/deliveries`)
  const { items } = body as { items: Delivery[] }
  expect(items).toMatchObject([
    { type: "spend.stopped", status: "delivered", budget: { share: 1 } },
    { type: "spend.warned", status: "delivered", budget: { share: 0.5 } },
  ])
  const replayed = await gateway.call("POST", `/v1/webhooks/${hook.id}/deliveries/${items[1]?.id}/replay`)
  expect(replayed.status).toBe(202)
  await expect.poll(() => receiver.received.length).toBe(3)
  expect(receiver.received[2]?.body).toBe(receiver.received[0]?.body)
})

test("a webhook that asks for an event that there is not is told which there are", async () => {
  const { status, text } = await gateway.call("POST", "/v1/webhooks", {
    url: receiver.url,
    events: ["spend.gone"],
  })
  expect(status).toBe(422)
  expect(text).toContain("spend.warned")
})
