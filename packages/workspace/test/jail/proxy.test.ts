import { createServer, request } from "node:http"
import { connect } from "node:net"
import fc from "fast-check"
import { afterAll, beforeAll, expect, test } from "vitest"
import { isPublicAddress } from "../../src/jail/addresses.ts"
import { type AllowedHost, allowedHost, findAllowed } from "../../src/jail/hosts.ts"
import { type JailProxy, startProxy } from "../../src/jail/proxy.ts"

const site = createServer((incoming, answer) => answer.end(`${incoming.headers.host} ${incoming.url}`))
let port = 0
beforeAll(async () => {
  await new Promise<void>(resolve => site.listen(0, "127.0.0.1", resolve))
  const address = site.address()
  port = address !== null && typeof address === "object" ? address.port : 0
})
afterAll(() => {
  site.close()
})

const get = (proxy: JailProxy, url: string): Promise<{ status: number; text: string }> =>
  new Promise((resolve, reject) => {
    const asking = request({
      socketPath: proxy.network.socket,
      path: url,
      headers: { host: new URL(url).host },
    })
    asking.once("error", reject)
    asking.once("response", answer => {
      let text = ""
      answer.on("data", piece => {
        text += piece
      })
      answer.once("end", () => resolve({ status: answer.statusCode ?? 0, text }))
    })
    asking.end()
  })

const tunnel = (proxy: JailProxy, target: string): Promise<string> =>
  new Promise((resolve, reject) => {
    const socket = connect(proxy.network.socket)
    let text = ""
    socket.on("error", reject)
    socket.on("data", piece => {
      text += piece
      if (text.startsWith("HTTP/1.1 200 Connection established\r\n\r\n") && !text.includes("GET"))
        socket.write("GET /in HTTP/1.1\r\nHost: inside\r\nConnection: close\r\n\r\n")
    })
    socket.once("close", () => resolve(text))
    socket.write(`CONNECT ${target} HTTP/1.1\r\nHost: ${target}\r\n\r\n`)
  })

const proxyFor = (allowed: AllowedHost[]) =>
  startProxy({ allowed, upstream: null, resolve: async () => ["127.0.0.1"] })

test("a host of the operator's is reached, by request and by tunnel", async () => {
  await using proxy = await proxyFor([allowedHost(`site.test:${port}`, true)])
  expect(await get(proxy, `http://site.test:${port}/a?b`)).toEqual({
    status: 200,
    text: `site.test:${port} /a?b`,
  })
  expect(await tunnel(proxy, `site.test:${port}`)).toContain("inside /in")
  expect([...proxy.refused]).toEqual([])
})

test("other hosts, other ports and private addresses are refused, and said", async () => {
  await using proxy = await proxyFor([
    allowedHost(`named.test:${port}`, false),
    allowedHost("*.other.test", true),
  ])
  expect(await get(proxy, `http://named.test:${port}/`)).toMatchObject({
    status: 403,
    text: expect.stringContaining("private network"),
  })
  expect((await get(proxy, `http://foreign.test:${port}/`)).status).toBe(403)
  expect((await get(proxy, `http://a.other.test:${port}/`)).status).toBe(403)
  expect((await get(proxy, `http://127.0.0.1:${port}/`)).status).toBe(403)
  expect(await tunnel(proxy, `foreign.test:${port}`)).toMatch(/^HTTP\/1.1 403/)
  expect(await tunnel(proxy, "not a target")).toMatch(/^HTTP\/1.1 40[03]/)
  expect(proxy.refused.size).toBe(4)
})

test("a proxy of the operator's is gone through", async () => {
  await using outer = await proxyFor([allowedHost(`site.test:${port}`, true)])
  const bridge = createServer().on("connect", (incoming, peer) => {
    const way = connect(outer.network.socket)
    way.write(`CONNECT ${incoming.url} HTTP/1.1\r\nHost: x\r\n\r\n`)
    peer.pipe(way).pipe(peer)
  })
  await new Promise<void>(resolve => bridge.listen(0, "127.0.0.1", resolve))
  const address = bridge.address()
  const upstream = new URL(
    `http://user:pw@127.0.0.1:${address !== null && typeof address === "object" ? address.port : 0}`,
  )
  await using proxy = await startProxy({ allowed: [allowedHost(`site.test:${port}`, false)], upstream })
  expect(await tunnel(proxy, `site.test:${port}`)).toContain("inside /in")
  bridge.close()
})

test("hosts match by name, wildcard and port", () => {
  const rules = [
    allowedHost("a.test", false),
    allowedHost("*.b.test", false),
    allowedHost("c.test:8080", false),
  ]
  const reaches = (host: string, onPort: number) => findAllowed(rules, { host, port: onPort }) !== null
  expect(reaches("A.test.", 443)).toBe(true)
  expect(reaches("x.b.test", 80)).toBe(true)
  expect(reaches("b.test", 443)).toBe(false)
  expect(reaches("xa.test", 443)).toBe(false)
  expect(reaches("a.test", 22)).toBe(false)
  expect(reaches("c.test", 8080)).toBe(true)
  expect(reaches("c.test", 443)).toBe(false)
})

const privateAddresses =
  `127.0.0.1 10.1.2.3 172.31.0.1 192.168.0.1 169.254.169.254 100.64.0.1 0.0.0.0 255.255.255.255
::1 :: ::ffff:127.0.0.1 ::ffff:8.8.8.8 ::127.0.0.1 fe80::1 fc00::1 fec0::1 64:ff9b::7f00:1 64:ff9b:1::1
2002:7f00:1:: 2001:0:4136:e378::1 2001:db8::1 ff02::1 localhost`.split(/\s/)

test.each(privateAddresses)("%s is not taken for an address of the public network", address => {
  expect(isPublicAddress(address)).toBe(false)
})

test.each(["8.8.8.8", "1.1.1.1", "2606:4700::1111", "2a00:1450:4001::1"])("%s is one", address => {
  expect(isPublicAddress(address)).toBe(true)
})

test("no wrapped address is taken for public, and no address throws", () => {
  fc.assert(
    fc.property(fc.ipV4(), fc.ipV6(), (four, six) => {
      expect(isPublicAddress(`::ffff:${four}`)).toBe(false)
      expect(isPublicAddress(`::${four}`)).toBe(false)
      expect(isPublicAddress(six)).toBeTypeOf("boolean")
    }),
  )
})
