import { once } from "node:events"
import { connect, type Socket } from "node:net"
import fc from "fast-check"
import { afterAll, beforeAll, expect, test } from "vitest"
import { readRequest } from "../src/live/read-request.ts"
import { apiKey, type OpenGateway, openGateway } from "./open-gateway.ts"
import { openLive } from "./open-live.ts"

let gateway: OpenGateway
beforeAll(async () => {
  gateway = await openGateway({ timing: { heartbeatMs: 100, stallMs: 300 } })
})
afterAll(() => gateway[Symbol.asyncDispose]())

test("whatever a message holds, it is a request or refused by name", () => {
  const field = fc.constantFrom("id", "type", "task", "gate", "body", "after", "idempotencyKey", "x")
  const almost = fc
    .dictionary(
      field,
      fc.oneof(fc.jsonValue({ maxDepth: 2 }), fc.constantFrom("submit", "subscribe", "steer", "gate")),
    )
    .map(value => Buffer.from(JSON.stringify(value)))
  const noise = fc.oneof(
    fc.uint8Array(),
    fc.string({ unit: "binary" }).map(text => Buffer.from(text)),
  )
  const kept = [
    "",
    "null",
    "[]",
    '{"id":1}',
    '{"__proto__":{}}',
    "\ufeff{}",
    "[".repeat(50_000),
    '{"id":"\ud800"}',
  ]
  fc.assert(
    fc.property(fc.oneof(almost, noise), fc.boolean(), (bytes, isBinary) => {
      const read = readRequest(Buffer.from(bytes), isBinary)
      const code = "fault" in read ? read.fault.code : "invalid"
      expect(code).toMatch(/^(?:malformed-json|invalid|unsupported-media-type)$/)
    }),
    {
      numRuns: 3_000,
      examples: kept.map((text): [Buffer<ArrayBuffer>, boolean] => [Buffer.from(text), false]),
    },
  )
})

const upgrade = async (): Promise<Socket> => {
  const { hostname, port, host } = new URL(gateway.url)
  const socket = connect(Number(port), hostname)
  socket.on("error", () => undefined) // the gateway may end it at any byte
  socket.write(
    `GET /v1/live HTTP/1.1\r\nhost: ${host}\r\nupgrade: websocket\r\nconnection: upgrade\r\nsec-websocket-version: 13\r\nsec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\nauthorization: Bearer ${apiKey}\r\n\r\n`,
  )
  const [head] = (await once(socket, "data")) as [Buffer]
  expect(head.toString("latin1")).toMatch(/^HTTP\/1\.1 101 /)
  return socket
}

/** A frame as its sender made it: any first byte, a mask or none, and a length that may lie. */
const frame = fc
  .record({
    first: fc.nat(255),
    masked: fc.boolean(),
    said: fc.oneof(fc.nat(125), fc.constantFrom(126, 127)),
    body: fc.uint8Array({ maxLength: 60 }),
  })
  .map(({ first, masked, said, body }) => Buffer.from([first, (masked ? 128 : 0) | said, ...body]))

test("frames that are none end their connection alone: one beside it goes on", async () => {
  await using other = await openLive(gateway.url)
  const kept = [
    // No mask, a text frame that is not UTF-8, a ping that is too long, a length of 2^63, reserved bits, an unknown opcode.
    [0x81, 0x01, 0x61],
    [0x81, 0x82, 0, 0, 0, 0, 0xff, 0xfe],
    [0x89, 0xfe, 0x01, 0x00, 0, 0, 0, 0],
    [0x82, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0],
    [0xf1, 0x80, 0, 0, 0, 0],
    [0x83, 0x80, 0, 0, 0, 0],
    // A continuation of nothing; a close with half a code.
    [0x80, 0x80, 0, 0, 0, 0],
    [0x88, 0x81, 0, 0, 0, 0, 0x03],
  ].map(bytes => Buffer.from(bytes))
  await fc.assert(
    fc.asyncProperty(fc.array(frame, { minLength: 1, maxLength: 4 }), async frames => {
      const socket = await upgrade()
      for (const bytes of frames) socket.write(bytes)
      socket.end()
      socket.resume()
      if (!socket.closed) await once(socket, "close")
    }),
    { numRuns: 60, examples: kept.map(bytes => [[bytes]]) },
  )
  expect(await other.ask({ id: "1", type: "cancel", task: `task_${"0".repeat(26)}` })).toMatchObject({
    problem: { code: "not-found" },
  })
  expect(gateway.log.filter(line => line.includes('"level":60'))).toEqual([])
})
