import { spawn } from "node:child_process"
import { once } from "node:events"
import { type AddressInfo, createConnection, createServer, type Socket } from "node:net"
import { resolve } from "node:path"
import { createInterface } from "node:readline"
import { text } from "node:stream/consumers"
import { Client } from "@modelcontextprotocol/client"
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio"
import { readHost } from "@twolane/common"
import { call, callsOf, type PlayedHouse, say, startPlayedHouse, sumPatch } from "@twolane/testkit"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { caller } from "./twolane.ts"

const launcher = resolve(import.meta.dirname, "../bin/twolane.js")

let played: PlayedHouse

beforeAll(async () => {
  played = await startPlayedHouse({
    mend: seen =>
      callsOf(seen, "apply_patch") === 0
        ? call(["apply_patch", sumPatch("a - b", "a + b")])
        : say("The sum adds now."),
    wait: seen =>
      callsOf(seen, "shell") === 0 ? call(["shell", { command: "sleep 60" }]) : say("It waited."),
  })
})
afterAll(() => played?.[Symbol.asyncDispose]())

const environment = (): Record<string, string> => ({
  TWOLANE_URL: played.house.url,
  TWOLANE_API_KEY: played.house.apiKey,
})

/** The official client over the standard input and output of `twolane mcp`. */
const connect = async (mode: "auto" | "legacy", more: Record<string, string> = {}) => {
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: [launcher, "mcp"],
    env: { PATH: readHost().path, HOME: "/", ...environment(), ...more },
    cwd: "/",
  })
  const client = new Client({ name: "test", version: "1" }, { versionNegotiation: { mode } })
  await client.connect(transport)
  const use = async (name: string, args: Record<string, unknown>, signal?: AbortSignal) => {
    const wish = signal === undefined ? {} : { signal }
    const { structuredContent, content, isError } = await client.callTool({ name, arguments: args }, wish)
    const [first] = content
    return {
      value: (structuredContent ?? {}) as Record<string, unknown>,
      text: first?.type === "text" ? first.text : "",
      refused: isError === true,
    }
  }
  return { client, use, [Symbol.asyncDispose]: () => client.close() }
}

describe.each(["auto", "legacy"] as const)("a client over standard input (%s)", mode => {
  test("hands a task over, follows it to green, reads and accepts it", async () => {
    await using server = await connect(mode)
    const { value } = await server.use("submit", { repo: "sums", lane: "deep", prompt: "Mend it.\n\n[mend]" })
    expect((await server.use("watch", { task: value.id, seconds: 50 })).value).toMatchObject({
      status: "succeeded",
      tests: "passed",
      message: "The sum adds now.",
    })
    expect((await server.use("diff", { task: value.id })).text).toContain(
      "+export const sum = (a, b) => a + b",
    )
    expect((await server.use("accept", { task: value.id })).value).toMatchObject({ review: "accepted" })
    const { contents } = await server.client.readResource({ uri: `twolane://tasks/${String(value.id)}` })
    expect(contents).toMatchObject([{ mimeType: "application/json" }])
  })

  test("gives a watch up, and goes on", async () => {
    await using server = await connect(mode)
    const { value } = await server.use("submit", { repo: "sums", lane: "deep", prompt: "Wait.\n\n[wait]" })
    const giveUp = new AbortController()
    const watching = server.use("watch", { task: value.id, seconds: 60 }, giveUp.signal)
    giveUp.abort(new Error("enough"))
    await expect(watching).rejects.toThrow("enough")
    expect((await server.use("cancel", { task: value.id })).refused).toBe(false)
  })
})

test("it says nothing but the protocol, and ends with its input", async () => {
  const child = spawn(process.execPath, [launcher, "mcp"], {
    cwd: "/",
    env: { PATH: readHost().path, HOME: "/", ...environment() },
    stdio: "pipe",
  })
  const notes = text(child.stderr)
  const ended = once(child, "exit")
  const lines = createInterface(child.stdout)
  const said: unknown[] = []
  lines.on("line", line => said.push(JSON.parse(line)))
  child.stdin.write('{"jsonrpc":"2.0","id":1,"method":"ping"}\n')
  await once(lines, "line")
  child.stdin.end('{"jsonrpc":"2.0","id":2,"method":"ping"}\n')
  expect(await ended).toEqual([0, null])
  expect([said[0], await notes]).toEqual([{ jsonrpc: "2.0", id: 1, result: {} }, ""])
})

test("without a gateway, or with a wrong key, it says so and ends", async () => {
  const away = await caller({ ...environment(), TWOLANE_URL: "http://127.0.0.1:9" })(["mcp"])
  expect(away).toMatchObject({ code: 5, out: "", notes: expect.stringContaining("is Twolane running?") })
  const wrong = await caller({ ...environment(), TWOLANE_API_KEY: "twl_wrong" })(["mcp"])
  expect(wrong).toMatchObject({ code: 1, out: "", notes: expect.stringContaining("unauthorized") })
})

/** A way to the gateway that can be cut; its address stays. */
const openRelay = async () => {
  const sockets = new Set<Socket>()
  const { hostname, port } = new URL(played.house.url)
  const relay = createServer(near => {
    const far = createConnection(Number(port), hostname)
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(one.on("error", () => other.destroy()).on("close", () => sockets.delete(one)))
      one.pipe(other)
    }
  })
  await once(relay.listen(0, "127.0.0.1"), "listening")
  const address = relay.address() as AddressInfo
  const cut = async () => {
    if (!relay.listening) return
    relay.close()
    for (const socket of sockets) socket.destroy()
    await once(relay, "close")
  }
  return {
    url: `http://127.0.0.1:${address.port}`,
    cut,
    mend: () => once(relay.listen(address.port, "127.0.0.1"), "listening"),
    [Symbol.asyncDispose]: cut,
  }
}

test("a gateway that is away for a while fails the calls of that time alone", async () => {
  await using relay = await openRelay()
  await using server = await connect("legacy", { TWOLANE_URL: relay.url })
  const { value } = await server.use("submit", { repo: "sums", lane: "deep", prompt: "Wait.\n\n[wait]" })
  const heard = Promise.withResolvers<void>()
  const watching = server.client.callTool(
    { name: "watch", arguments: { task: value.id, seconds: 60 } },
    { onprogress: () => heard.resolve() },
  )
  await heard.promise
  await Promise.all([expect(watching).rejects.toThrow("the gateway ended its answer"), relay.cut()])
  await expect(server.use("repos", {})).rejects.toThrow(`cannot reach the gateway at ${relay.url}`)
  await relay.mend()
  expect((await server.use("cancel", { task: value.id })).refused).toBe(false)
})
