import { once } from "node:events"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import type { Delivery, Webhook } from "@twolane/protocol"
import { type House, startHouse, startModel } from "@twolane/testkit"
import { afterAll, beforeAll, expect, test } from "vitest"
import { caller } from "./twolane.ts"

let status = 204
const receiver = createServer((_request, response) => response.writeHead(status).end())
let url: string
let model: Awaited<ReturnType<typeof startModel>>
let house: House
let twolane = caller({})

beforeAll(async () => {
  await once(receiver.listen(0, "127.0.0.1"), "listening")
  const { port } = receiver.address() as AddressInfo
  url = `http://127.0.0.1:${port}/hook`
  model = await startModel({ script: () => ({ items: [] }) })
  house = await startHouse({ modelUrl: model.url, env: { TWOLANE_WEBHOOK_HOSTS: `127.0.0.1:${port}` } })
  twolane = caller({ TWOLANE_URL: house.url, TWOLANE_API_KEY: house.apiKey })
})
afterAll(async () => {
  await house?.[Symbol.asyncDispose]()
  await model?.stop()
  receiver.close()
})

test("a webhook is made, shown once, tried, looked at, and removed", async () => {
  const add = await twolane(["webhooks", "add", url, "--events", "turn.ended", "gate.opened"])
  expect([add.code, add.out.trim()]).toEqual([0, expect.stringMatching(/^whsec_\S{44}$/)])
  const { items } = JSON.parse((await twolane(["webhooks", "--json"])).out) as { items: Webhook[] }
  expect(items).toMatchObject([{ url, events: ["turn.ended", "gate.opened"] }])
  const id = items[0]?.id ?? ""
  expect(add.notes).toContain(`twolane webhooks test ${id}`)

  expect(await twolane(["webhooks", "test", id])).toMatchObject({
    code: 0,
    out: expect.stringMatching(/ delivered {2}webhook\.test /),
  })
  status = 503
  expect(await twolane(["webhooks", "test", id])).toMatchObject({
    code: 1,
    out: expect.stringMatching(/ failed {5}webhook\.test .* answered 503\n$/),
  })
  const log = JSON.parse((await twolane(["webhooks", "log", id, "--json"])).out) as { items: Delivery[] }
  expect(log.items.map(delivery => delivery.status)).toEqual(["failed", "delivered"])
  expect((await twolane(["webhooks"])).out).toContain("the last try failed")
  expect((await twolane(["webhooks", "rotate", id])).out).toMatch(/^whsec_/)
  expect((await twolane(["webhooks", "rm", id])).code).toBe(0)
  expect((await twolane(["webhooks"])).out).toContain("No webhooks")
})

test("a webhook that cannot be is refused in words", async () => {
  const event = await twolane(["webhooks", "add", "https://hooks.example.com/", "--events", "turn.begun"])
  expect([event.code, event.notes]).toEqual([1, expect.stringContaining("events.0")])
  const target = await twolane(["webhooks", "add", "http://10.0.0.1/"])
  expect([target.code, target.notes]).toEqual([1, expect.stringContaining("must be https://")])
})
