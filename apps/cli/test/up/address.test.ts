import { once } from "node:events"
import { createServer } from "node:net"
import { freePort } from "@twolane/testkit"
import { expect, test } from "vitest"
import { checkAddress, localUrl } from "../../src/up/address.ts"

test("a free address is accepted, and port 0 becomes a free one", async () => {
  const port = await freePort()
  expect(await checkAddress("127.0.0.1", port)).toEqual({ ok: true, port })
  const any = await checkAddress("127.0.0.1", 0)
  expect(any.ok && any.port > 0).toBe(true)
})

test("a port in use is told in one line", async () => {
  const port = await freePort()
  const server = createServer().listen(port, "127.0.0.1")
  await once(server, "listening")
  expect(await checkAddress("127.0.0.1", port)).toEqual({
    ok: false,
    say: `TWOLANE_PORT: 127.0.0.1:${port} is in use by another program; choose another port`,
  })
  server.close()
})

test("a host that is not ours is told in one line", async () => {
  expect(await checkAddress("192.0.2.1", 4200)).toEqual({
    ok: false,
    say: "TWOLANE_HOST: 192.0.2.1 is no address of this machine",
  })
})

test("the local URL names an address that can be connected to", () => {
  expect(localUrl("127.0.0.1", 1)).toBe("http://127.0.0.1:1")
  expect(localUrl("0.0.0.0", 2)).toBe("http://127.0.0.1:2")
  expect(localUrl("::1", 3)).toBe("http://[::1]:3")
})
