import type { ServerResponse } from "node:http"
import { hasOpenssl, makeTempFolder, startHttpsRemote, startReceiver } from "@twolane/testkit"
import { afterEach, expect, test, vi } from "vitest"
import { post } from "../../src/webhooks/post.ts"
import { lookupFor } from "../../src/webhooks/target.ts"

/** What the next look-ups of a name answer, one after another: a name's owner may change his mind. */
const answers: { address: string; family: number }[][] = []
const asked: string[] = []
vi.mock("node:dns", () => ({
  lookup: (
    name: string,
    _options: unknown,
    done: (error: Error | null, found: { address: string; family: number }[]) => void,
  ) => {
    asked.push(name)
    done(null, answers.shift() ?? [])
  },
}))
afterEach(() => void asked.splice(0))

const outside = { address: "93.184.216.34", family: 4 }
const outside6 = { address: "2606:4700::1111", family: 6 }
const inside = { address: "127.0.0.1", family: 4 }
const metadata = { address: "::ffff:169.254.169.254", family: 6 }

/** Where a connection to a name would go, asked as Node asks. */
const resolve = (all: boolean): Promise<unknown> =>
  new Promise((done, fail) => {
    const lookup = lookupFor(new URL("https://rebind.example/hook"), [])
    lookup?.("rebind.example", { all }, (error, found) => (error === null ? done(found) : fail(error)))
  })

test.each([true, false])(
  "a name is asked for once, and what was checked is what is connected to (all: %s)",
  async all => {
    answers.push([outside, outside6], [inside])
    expect(await resolve(all)).toEqual(all ? [outside, outside6] : outside.address)
    expect(asked).toEqual(["rebind.example"])
    await expect(resolve(all)).rejects.toThrow("rebind.example leads to 127.0.0.1, which is not public")
  },
)

test("one private address among public ones is one too many, and a message to it is not sent", async () => {
  await using receiver = await startReceiver()
  const port = Number(receiver.host.split(":")[1])
  for (const bad of [inside, metadata]) {
    answers.push([outside, bad])
    const result = await post("https://rebind.example/hook", sent, { hosts: [], signal: never })
    expect(result).toEqual({ error: `rebind.example leads to ${bad.address}, which is not public` })
  }
  // A host of the setting is the operator's word: it is not asked for here.
  const named = `http://127.0.0.1:${port}/hook`
  expect(await post(named, sent, { hosts: [receiver.host], signal: never })).toEqual({ status: 204 })
  expect(receiver.received).toHaveLength(1)
})

const sent = { body: "{}", headers: { "content-type": "application/json" } }
const never = new AbortController().signal

test("of an answer without end no more is read than shows that it has none, and its status counts", async () => {
  const chunk = "x".repeat(65_536)
  let written = 0
  const pour = (response: ServerResponse): void => {
    while (!response.destroyed && response.write(chunk)) written += chunk.length
    if (!response.destroyed) response.once("drain", () => pour(response))
  }
  const gone = Promise.withResolvers<void>()
  await using receiver = await startReceiver(response => {
    response.once("close", () => gone.resolve())
    response.writeHead(200)
    pour(response)
  })
  expect(await post(receiver.url, sent, { hosts: [receiver.host], signal: never })).toEqual({ status: 200 })
  await gone.promise
  // What lay in the sockets of both sides was written, too.
  expect(written).toBeLessThan(32 * 1024 * 1024)
})

test("an answer that breaks off, or is no HTTP, is told in words", async () => {
  await using broken = await startReceiver(response => response.socket?.destroy())
  expect(await post(broken.url, sent, { hosts: [broken.host], signal: never })).toEqual({
    error: expect.stringMatching(/socket hang up|ECONNRESET/),
  })
  await using odd = await startReceiver(response => response.socket?.end("HELLO\r\n\r\n"))
  expect(await post(odd.url, sent, { hosts: [odd.host], signal: never })).toEqual({
    error: expect.stringMatching(/Parse Error/),
  })
})

test.runIf(hasOpenssl())(
  "a receiver whose certificate nobody vouches for hears nothing (needs openssl)",
  async () => {
    await using folder = await makeTempFolder("twl-hook-")
    await using server = await startHttpsRemote(folder.path, null)
    const { host } = new URL(server.origin)
    answers.push([inside])
    const result = await post(`${server.origin}/hook`, sent, { hosts: [host], signal: never })
    expect(result).toEqual({ error: expect.stringMatching(/self-signed certificate/) })
    expect(server.seen).toEqual([])
  },
)
