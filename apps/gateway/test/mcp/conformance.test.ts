import { spawn } from "node:child_process"
import { once } from "node:events"
import { request as ask, createServer } from "node:http"
import { createRequire } from "node:module"
import type { AddressInfo } from "node:net"
import { text } from "node:stream/consumers"
import { makeTempFolder, type TempFolder } from "@twolane/testkit"
import { afterAll, beforeAll, expect, test } from "vitest"
import { apiKey, type OpenGateway, openGateway } from "../open-gateway.ts"

/** The suite's command; it speaks with the address that it is given alone. */
const suite = createRequire(import.meta.url)
  .resolve("@modelcontextprotocol/conformance/package.json")
  .replace(/package\.json$/, "dist/index.js")

/** The suite cannot send a key: what it sends goes on as it is, with one. */
const withKey = createServer((request, response) => {
  const { hostname, port } = new URL(gateway.url)
  const headers = { ...request.headers, authorization: `Bearer ${apiKey}` }
  const { method, url: path } = request
  const onward = ask({ hostname, port, method, path, headers, setHost: false }, answer => {
    response.writeHead(answer.statusCode ?? 502, answer.headers)
    answer.pipe(response)
  })
  response.once("close", () => onward.destroy())
  onward.once("error", () => response.destroy())
  request.pipe(onward)
})

let gateway: OpenGateway
let folder: TempFolder
let url: string

beforeAll(async () => {
  gateway = await openGateway()
  folder = await makeTempFolder("twl-conformance-")
  await gateway.submit()
  await once(withKey.listen(0, "127.0.0.1"), "listening")
  url = `http://127.0.0.1:${(withKey.address() as AddressInfo).port}/mcp`
})
afterAll(async () => {
  withKey.closeAllConnections()
  withKey.close()
  await gateway?.[Symbol.asyncDispose]()
  await folder?.[Symbol.asyncDispose]()
})

const run = async (...args: string[]) => {
  const child = spawn(process.execPath, [suite, ...args], {
    cwd: folder.path,
    stdio: ["ignore", "pipe", "pipe"],
  })
  const ended = once(child, "exit")
  const [out, notes] = await Promise.all([text(child.stdout), text(child.stderr)])
  const [code] = await ended
  return { code: code as number | null, said: `${out}${notes}` }
}

/** What each scenario that we do not run asks for, and we have not. */
const notOurs: Record<string, RegExp> = {
  "the suite's own sample server: its tools, resources and answers by name":
    /^(?:tools-call-.*|json-schema-2020-12|resources-read-.*|resources-templates-read)$/,
  "prompts, of which there are none": /^prompts-/,
  "completion, which nothing needs": /^completion-/,
  "logging, which the protocol has deprecated": /^logging-/,
  "questions to the client in mid-call: a gate is decided by a call of its own": /^elicitation-/,
  "subscriptions to a resource: watch follows a task": /^resources-(?:un)?subscribe$/,
  "sessions and their streams, which no gateway keeps": /^server-sse-/,
}
const ours = ["server-initialize", "ping", "tools-list", "resources-list", "dns-rebinding-protection"]

test("every server scenario of the suite is run, or says why it is not", async () => {
  const { said } = await run("list", "--server")
  const all = [...(said.split("Client scenarios")[0]?.matchAll(/^ {2}- (\S+)/gm) ?? [])].map(
    ([, name = ""]) => name,
  )
  expect(all.length).toBeGreaterThan(ours.length)
  const excused = all.filter(name => Object.values(notOurs).some(pattern => pattern.test(name)))
  expect([...excused, ...ours].toSorted()).toEqual(all.toSorted())
})

test.each(ours)("the official scenario passes: %s", async scenario => {
  const { code, said } = await run("server", "--url", url, "--scenario", scenario)
  expect([code, said]).toEqual([0, expect.stringContaining(" 0 failed")])
})
