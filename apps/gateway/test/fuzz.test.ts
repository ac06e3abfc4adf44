import { faults, newId } from "@twolane/protocol"
import fc from "fast-check"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { apiKey, type OpenGateway, openGateway } from "./open-gateway.ts"
import { bodyLike, type Schema, scalar } from "./schema-arbitraries.ts"

/** Generated requests for each route of the document: thousands in all. `FUZZ_RUNS` asks for more. */
const runs = Number(process.env.FUZZ_RUNS ?? 60)

type Parameter = { in: "path" | "query" | "header" | "cookie"; name: string; schema?: Schema }
type Operation = {
  parameters?: Parameter[]
  requestBody?: { content: { "application/json"?: { schema: Schema } } }
}
type Document = { paths: Record<string, Record<string, Operation>> }

let gateway: OpenGateway
/** What there is, so that some requests get past the path. */
let known: Record<string, readonly string[]>
let operations: { name: string; method: string; path: string; operation: Operation }[]

/** Streams are read to no end, and have tests of their own. */
const streams = new Set(["get /v1/events", "get /v1/live"])
/** Every request that broke something once: path, query, body. */
const corpus: Record<string, [string, string, unknown][]> = {
  "get /v1/audit": [["/v1/audit", "cursor=0", undefined]],
}
/** Answers of a well-formed request that nobody can serve here: no worker runs. */
const served = new Set(["no-worker", "rate-limited"])

beforeAll(async () => {
  gateway = await openGateway()
  const { id, turn } = await gateway.submit()
  known = {
    id: [id, newId("task"), newId("key"), newId("hook")],
    name: ["shop"],
    turn: [turn],
    lane: ["deep"],
  }
  const { paths } = (await gateway.call("GET", "/openapi.json")).body as Document
  operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      name: `${method} ${path}`,
      method,
      path,
      operation,
    })),
  )
})
afterAll(() => gateway[Symbol.asyncDispose]())

/** What `fetch` leaves as it is: it takes dots for the way up. */
const segment = scalar.filter(text => !["", ".", ".."].includes(text))

const pathOf = (path: string): fc.Arbitrary<string> => {
  const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = ""]) => name)
  const values = names.map(name => fc.oneof(fc.constantFrom(...(known[name] ?? ["x"])), segment))
  return fc
    .tuple(...values)
    .map(given => names.reduce((url, name, at) => url.replace(`{${name}}`, encode(given[at] ?? "")), path))
}

const queryOf = (parameters: readonly Parameter[]): fc.Arbitrary<string> => {
  const names = parameters.filter(({ in: where }) => where === "query").map(({ name }) => name)
  const name = fc.constantFrom(...names, "unknown")
  return fc
    .array(fc.tuple(name, fc.oneof(fc.constantFrom("1", "deep", "shop", "all", "true"), scalar)), {
      maxLength: 3,
    })
    .map(pairs => pairs.map(([key, value]) => `${key}=${encode(value)}`).join("&"))
}

// Lone surrogates cannot stand in a URL.
const encode = (text: string): string => encodeURIComponent(text.toWellFormed())

test("the document has the routes", () => {
  expect(operations.length).toBeGreaterThan(50)
})

describe("generated requests are answered, or refused by a problem document, and break nothing", () => {
  // The names are known once the gateway runs, so all routes are one test each by their order.
  test.for(Array.from({ length: 80 }, (_, index) => index))("route %i", async index => {
    const found = operations[index]
    if (found === undefined || streams.has(found.name)) return
    const { method, path, operation } = found
    const schema = operation.requestBody?.content["application/json"]?.schema
    const body = schema === undefined ? fc.constant(undefined) : bodyLike(schema)
    await fc.assert(
      fc.asyncProperty(pathOf(path), queryOf(operation.parameters ?? []), body, async (url, query, sent) => {
        const answer = await gateway.call(method.toUpperCase(), `${url}${query && "?"}${query}`, sent)
        expectSane(`${found.name} ${url}?${query} ${JSON.stringify(sent)}`, answer)
      }),
      { numRuns: runs, examples: corpus[found.name] ?? [] },
    )
  })
})

test("and after all of them the gateway works as before", async () => {
  expect((await gateway.call("GET", "/readyz")).status).toBe(200)
  expect((await gateway.call("POST", "/v1/tasks", { repo: "shop", prompt: "x", lane: "deep" })).status).toBe(
    202,
  )
})

const expectSane = (
  what: string,
  { status, headers, body, text }: Awaited<ReturnType<OpenGateway["call"]>>,
) => {
  expect(text, what).not.toContain(apiKey)
  expect(text, what).not.toMatch(/\bat \S+ \(?(?:file:|node:|\/)/)
  if (status < 400) return
  const problem = body as { code?: string; status?: number; requestId?: string }
  expect(headers.get("content-type"), what).toBe("application/problem+json")
  expect(Object.keys(faults), what).toContain(problem.code)
  expect([problem.status, problem.requestId], what).toEqual([status, headers.get("x-request-id")])
  if (!served.has(problem.code ?? "")) expect(status, `${what} ${text}`).toBeLessThan(500)
}
