import { faults, newId } from "@twolane/protocol"
import { corpusOf } from "@twolane/testkit/corpus"
import fc from "fast-check"
import { afterAll, describe, expect, test } from "vitest"
import { type Answer, apiKey, openGateway } from "./open-gateway.ts"
import { bodyLike, type Schema, scalar } from "./schema-arbitraries.ts"

/** Generated requests for each route of the document: thousands in all. `FUZZ_RUNS` asks for more. */
const runs = Number(process.env.FUZZ_RUNS ?? 60)

type Parameter = { in: "path" | "query" | "header" | "cookie"; name: string; schema?: Schema }
type Operation = {
  parameters?: Parameter[]
  requestBody?: { content: { "application/json"?: { schema: Schema } } }
}
type Document = { paths: Record<string, Record<string, Operation>> }

// Before the tests are collected: each route is one.
const gateway = await openGateway()
const { id, turn } = await gateway.submit()
/** What there is, so that some requests get past the path. */
const known: Record<string, readonly string[]> = {
  id: [id, newId("task"), newId("key"), newId("hook")],
  name: ["shop"],
  turn: [turn],
  lane: ["deep"],
}
const { paths } = (await gateway.call("GET", "/openapi.json")).body as Document
afterAll(() => gateway[Symbol.asyncDispose]())

/** Streams are read to no end, and have tests of their own. */
const streams = new Set(["get /v1/events", "get /v1/live"])
/** Every request that broke something once, or is of a kind that did: route, path, query, body. */
const corpus = corpusOf<[string, string, string, unknown]>(import.meta.dirname, "routes").map(
  ({ input }) => input,
)
const keptOf = (route: string): [[string, string, unknown]][] =>
  corpus.filter(([name]) => name === route).map(([, path, query, body]) => [[path, query, body ?? undefined]])
/** Answers of a well-formed request that nobody can serve here: no worker runs. */
const served = new Set(["no-worker", "rate-limited"])

const operations = Object.entries(paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({
    name: `${method} ${path}`,
    method,
    path,
    operation,
  })),
)

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

test("the document has the routes, and what is kept is of them", () => {
  const names = operations.map(({ name }) => name)
  expect(corpus.filter(([name]) => !names.includes(name))).toEqual([])
  expect(operations.length).toBeGreaterThan(50)
})

describe("generated requests are answered, or refused by a problem document, and break nothing", () => {
  test.each(operations.filter(({ name }) => !streams.has(name)))(
    "$name",
    async ({ name, method, path, operation }) => {
      const schema = operation.requestBody?.content["application/json"]?.schema
      const body = schema === undefined ? fc.constant(undefined) : bodyLike(schema)
      const request = fc.tuple(pathOf(path), queryOf(operation.parameters ?? []), body)
      await fc.assert(
        fc.asyncProperty(request, async ([url, query, sent]) => {
          const answer = await gateway.call(method.toUpperCase(), `${url}${query && "?"}${query}`, sent)
          expect(faultsOf(answer), `${name} ${url}?${query} ${JSON.stringify(sent)} ${answer.text}`).toEqual(
            [],
          )
        }),
        { numRuns: runs, examples: keptOf(name) },
      )
    },
  )
})

test("and after all of them the gateway works as before", async () => {
  expect((await gateway.call("GET", "/readyz")).status).toBe(200)
  expect((await gateway.call("POST", "/v1/tasks", { repo: "shop", prompt: "x", lane: "deep" })).status).toBe(
    202,
  )
})

/** What is wrong with an answer. */
const faultsOf = ({ status, headers, body, text }: Answer): string[] => {
  const leaks = [
    ...(text.includes(apiKey) ? ["it has the key"] : []),
    ...(/\bat \S+ \(?(?:file:|node:|\/)/.test(text) ? ["it has a stack"] : []),
  ]
  if (status < 400) return leaks
  const problem = body as { code?: string; status?: number; requestId?: string }
  const { code = "" } = problem
  return [
    ...leaks,
    ...(headers.get("content-type") === "application/problem+json" ? [] : ["it is no problem document"]),
    ...(code in faults ? [] : [`it has the code ${code}`]),
    ...(problem.status === status ? [] : ["it says another status"]),
    ...(problem.requestId === headers.get("x-request-id") ? [] : ["it says another request"]),
    ...(status < 500 || served.has(code) ? [] : ["it says that we broke"]),
  ]
}
