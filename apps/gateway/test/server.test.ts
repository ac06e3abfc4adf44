import { once } from "node:events"
import { connect } from "node:net"
import { expect, test } from "vitest"
import { apiKey, openGateway, untilStopped } from "./open-gateway.ts"
import { readStream } from "./read-stream.ts"

test("health, readiness and metrics are open, and ready means that a worker of each lane has come", async () => {
  await using gateway = await openGateway({ env: { TWOLANE_READY_LANES: "deep" } })
  const open = (path: string) => fetch(gateway.url + path)
  expect(await (await open("/healthz")).json()).toEqual({ status: "ok" })
  const waiting = await open("/readyz")
  expect([waiting.status, await waiting.json()]).toEqual([
    503,
    { status: "waiting", reasons: ["no deep worker has come yet"], workers: { fast: 0, deep: 0 } },
  ])
  const worker = await gateway.work(untilStopped)
  const ready = await open("/readyz")
  expect([ready.status, await ready.json()]).toEqual([
    200,
    { status: "ready", reasons: [], workers: { fast: 0, deep: 1 } },
  ])
  await worker[Symbol.asyncDispose]()
  expect((await open("/readyz")).status).toBe(200)
  await gateway.submit()
  const metrics = await open("/metrics")
  const text = await metrics.text()
  expect(metrics.headers.get("content-type")).toMatch(/^text\/plain/)
  expect(text).toContain('twolane_http_requests_total{method="POST",route="/v1/tasks",status="202"} 1')
  for (const line of [
    'queue_depth{lane="deep",state="waiting"} 1',
    'queue_depth{lane="deep",state="later"} 0',
    'queue_depth{lane="deep",state="running"} 0',
    'queue_paused{lane="deep"} 0',
    'workers{lane="deep",state="taking"} 0',
    'slots{lane="deep"} 0',
  ])
    expect(text).toContain(`twolane_${line}`)
})

test("the API describes itself, on a page that loads nothing from elsewhere", async () => {
  await using gateway = await openGateway()
  const document = await (await fetch(`${gateway.url}/openapi.json`)).json()
  expect(document).toMatchObject({ openapi: "3.1.0", paths: { "/v1/tasks": { post: {}, get: {} } } })
  const page = await fetch(`${gateway.url}/docs`)
  const html = await page.text()
  expect(page.headers.get("content-security-policy")).toContain("default-src 'self'")
  expect(html.match(/(?:src|href)="[^"]*"/g)).toEqual(['src="js/scalar.js"'])
  expect((await fetch(`${gateway.url}/docs/js/scalar.js`)).status).toBe(200)
})

test("a gateway that stops ends its streams, refuses what still comes, and finishes what it began", async () => {
  await using gateway = await openGateway()
  const { id } = await gateway.submit()
  const authorization = `Bearer ${apiKey}`
  await using stream = await readStream(`${gateway.url}/v1/tasks/${id}/events`, { authorization })
  await stream.until(() => stream.messages.length === 2)
  const { port, hostname } = new URL(gateway.url)
  const socket = connect(Number(port), hostname)
  const body = JSON.stringify({ repo: "shop", prompt: "the last one" })
  const head = `POST /v1/tasks HTTP/1.1\r\nhost: x\r\nauthorization: ${authorization}\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\nexpect: 100-continue\r\n\r\n`
  socket.write(head)
  let answer = ""
  socket.on("data", data => {
    answer += String(data)
  })
  // "100 Continue": the gateway has the head.
  await once(socket, "data")
  const stopped = gateway.stop()
  socket.write(body)
  await Promise.all([stopped, stream.ended, once(socket, "close")])
  expect(answer).toMatch(/^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 202 Accepted\r\n/)
  expect(answer.toLowerCase()).toContain("connection: close")
  await expect(fetch(`${gateway.url}/healthz`)).rejects.toThrow("fetch failed")
})

test("a request that drips in is given up", async () => {
  await using gateway = await openGateway()
  const { port, hostname } = new URL(gateway.url)
  const socket = connect(Number(port), hostname)
  socket.write("GET /healthz HTTP/1.1\r\nhost: x\r\nx-slow: ")
  let answer = ""
  socket.on("data", data => {
    answer += String(data)
  })
  await once(socket, "close")
  expect(answer).toMatch(/^HTTP\/1\.1 408 /)
  expect(JSON.parse(answer.split("\r\n\r\n")[1] ?? "")).toMatchObject({
    code: "request-timeout",
    status: 408,
  })
})

test("a body that drips in is given up, and costs nobody else anything", async () => {
  await using gateway = await openGateway()
  const { port, hostname } = new URL(gateway.url)
  const socket = connect(Number(port), hostname)
  const head = `POST /v1/tasks HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${apiKey}\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n\r\n`
  socket.write(`${head}{"repo":`)
  const drips = setInterval(() => socket.write(" "), 200)
  socket.on("error", () => {
    // A drip may meet the connection as it is closed.
  })
  let answer = ""
  socket.on("data", data => {
    answer += String(data)
  })
  const closed = once(socket, "close")
  expect((await gateway.submit()).id).toMatch(/^task_/)
  await closed
  clearInterval(drips)
  expect(answer).toMatch(/^HTTP\/1\.1 408 /)
})

test("without Redis the answer is 503, and the gateway goes on when it is back", async () => {
  await using gateway = await openGateway()
  gateway.redis.pause()
  const answer = await gateway.call("POST", "/v1/tasks", { repo: "shop", prompt: "x" })
  expect([answer.status, answer.body, answer.headers.get("retry-after")]).toMatchObject([
    503,
    { code: "store-unavailable", retryable: true },
    "1",
  ])
  gateway.redis.resume()
  expect((await gateway.submit()).id).toMatch(/^task_/)
})
