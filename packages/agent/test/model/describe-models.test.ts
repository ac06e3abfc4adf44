import { once } from "node:events"
import { createServer } from "node:http"
import { startModel } from "@twolane/testkit"
import { expect, test } from "vitest"
import { describeModels } from "../../src/model/describe-models.ts"

const never = new AbortController().signal
const script = () => ({ items: [] })

test("the look-up tells a model that is there, one that is not, and a wrong key", async () => {
  await using server = await startModel({ script, apiKey: "right", models: ["one", "org/two"] })
  const look = (model: string, apiKey = "right") =>
    describeModels({ model, apiKey, baseUrl: server.url }, never)
  expect(await look("one")).toBe("ok")
  expect(await look("two")).toBe("ok")
  expect(await look("three")).toBe("unknown")
  expect(await look("one", "wrong")).toBe("auth")
  expect(server.requests).toEqual([])
})

test("no list, another error, nonsense or no answer is no verdict", async () => {
  const answers: [number, string][] = [
    [404, "{}"],
    [500, "oops"],
    [200, "<html>"],
    [200, '{"models":[]}'],
  ]
  const server = createServer((_request, response) => {
    const [status, body] = answers.shift() ?? [500, ""]
    response.writeHead(status).end(body)
  }).listen(0, "127.0.0.1")
  await once(server, "listening")
  const address = server.address()
  const port = typeof address === "object" && address !== null ? address.port : 0
  const endpoint = { model: "m", apiKey: "", baseUrl: `http://127.0.0.1:${port}/v1/` }
  for (const _ of [1, 2, 3, 4]) expect(await describeModels(endpoint, never)).toBe("no-verdict")
  server.close()
  server.closeAllConnections()
  await once(server, "close")
  expect(await describeModels(endpoint, never)).toBe("no-verdict")
})

test("an abort ends the look-up", async () => {
  const reason = { by: "shutdown" }
  const endpoint = { model: "m", apiKey: "", baseUrl: "http://127.0.0.1:1/v1" }
  await expect(describeModels(endpoint, AbortSignal.abort(reason))).rejects.toBe(reason)
})
