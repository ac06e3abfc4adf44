import { readConfig } from "@twolane/common"
import type { Delivery, Webhook } from "@twolane/protocol"
import { type Receiver, startReceiver } from "@twolane/testkit"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { tryMessage } from "../../src/webhooks/try-message.ts"
import { type OpenGateway, openGateway } from "../open-gateway.ts"

const second = 1_000
const hour = 3_600 * second
/** As docs/webhooks.md says. */
const waits = [5 * second, 60 * second, 300 * second, 1_800 * second, 2 * hour, 7 * hour, 14.5 * hour]

let receiver: Receiver
let gateway: OpenGateway
let hook: Webhook
let retryAfter: string | null = null
beforeAll(async () => {
  receiver = await startReceiver(response =>
    response.writeHead(503, retryAfter === null ? {} : { "retry-after": retryAfter }).end(),
  )
  gateway = await openGateway({ env: { TWOLANE_WEBHOOK_HOSTS: receiver.host } })
  const made = await gateway.call("POST", "/v1/webhooks", { url: receiver.url })
  hook = made.body as Webhook
})
afterAll(async () => {
  await gateway[Symbol.asyncDispose]()
  await receiver[Symbol.asyncDispose]()
})

const attempt = async (triedBefore: number) => {
  const { store } = gateway
  const config = readConfig({ TWOLANE_WEBHOOK_HOSTS: receiver.host })
  const message: Delivery = {
    id: "msg_1",
    type: "webhook.test",
    createdAt: store.now(),
    status: "waiting",
    tries: Array.from({ length: triedBefore }, (_, at) => ({ at, durationMs: 1, error: "no answer" })),
  }
  const before = store.now()
  const { message: after } = await tryMessage({ store, config }, hook, message, {
    signal: new AbortController().signal,
  })
  return { after, waitsMs: (after.nextAt ?? 0) - before, lateMs: store.now() - before }
}

describe.each(waits.map((wait, index) => [index + 1, wait] as const))(
  "after try %i of a message",
  (tries, wait) => {
    test(`the next one comes in ${wait / second} s, give or take a tenth`, async () => {
      const { after, waitsMs, lateMs } = await attempt(tries - 1)
      expect([after.status, after.tries.length, after.tries.at(-1)?.status]).toEqual(["waiting", tries, 503])
      expect([waitsMs >= wait * 0.9, waitsMs <= wait * 1.1 + lateMs]).toEqual([true, true])
    })
  },
)

test("after the eighth it has failed", async () => {
  const { after } = await attempt(waits.length)
  expect([after.status, after.tries.length, after.nextAt]).toEqual(["failed", 8, undefined])
})

test.each([
  ["120", 120 * second],
  ["999999", 24 * hour],
])("a receiver that asks for %s s more is given them, a day at most", async (asked, wait) => {
  retryAfter = asked
  const { waitsMs, lateMs } = await attempt(0)
  retryAfter = null
  expect([waitsMs >= wait, waitsMs <= wait + lateMs]).toEqual([true, true])
})
