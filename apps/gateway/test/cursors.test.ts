import fc from "fast-check"
import { afterAll, describe, expect, test } from "vitest"
import { keyOf } from "./keys-of.ts"
import { openGateway } from "./open-gateway.ts"
import { scalar } from "./schema-arbitraries.ts"

type Document = { paths: Record<string, { get?: { parameters?: { in: string; name: string }[] } }> }
type Listed = { items: unknown[]; nextCursor: string | null }

// Before the tests are collected: each list is one.
const gateway = await openGateway()
afterAll(() => gateway[Symbol.asyncDispose]())
const { id } = await gateway.submit()
await gateway.submit()
for (const name of ["spare", "other"])
  await gateway.call("POST", "/v1/repos", { name, source: gateway.source.path })
for (const name of ["ada", "bob"]) await keyOf(gateway, { name })
const hooks = await Promise.all(
  ["a", "b"].map(name => gateway.call("POST", "/v1/webhooks", { url: `https://${name}.example.com/` })),
)
const hook = (hooks[0]?.body as { id: string } | undefined)?.id ?? ""
const { paths } = (await gateway.call("GET", "/openapi.json")).body as Document

/** Every list that the document has. */
const lists = Object.entries(paths)
  .filter(([, { get }]) => get?.parameters?.some(({ name }) => name === "cursor"))
  .map(([path]) => path)
const pathOf = (path: string): string =>
  path.replace("{lane}", "deep").replace("{id}", path.startsWith("/v1/webhooks") ? hook : id)

const cursors = new Map<string, string>()
for (const path of lists) {
  const { body } = await gateway.call("GET", `${pathOf(path)}?limit=1`)
  const next = (body as Listed).nextCursor
  if (next !== null) cursors.set(path, next)
}

test("there are many lists, and most of them have a second page here", () => {
  expect(lists.length).toBeGreaterThan(9)
  expect(cursors.size).toBeGreaterThan(4)
})

/** A cursor of a list, changed in one place; one of another list; any text. */
const anyCursor = fc.oneof(
  scalar,
  fc.constantFrom(...cursors.values()),
  fc
    .tuple(fc.constantFrom(...cursors.values()), fc.nat(200), fc.base64String({ minLength: 1, maxLength: 4 }))
    .map(
      ([cursor, at, put]) =>
        cursor.slice(0, at % cursor.length) + put + cursor.slice((at % cursor.length) + 1),
    ),
  fc.jsonValue().map(value => Buffer.from(JSON.stringify(value)).toString("base64url")),
)

describe("whatever stands in a list's cursor, it is a page of that list or refused as bad-cursor", () => {
  test.each(lists)("%s", async path => {
    await fc.assert(
      fc.asyncProperty(anyCursor, async cursor => {
        const query = encodeURIComponent(cursor.toWellFormed())
        const { status, body } = await gateway.call("GET", `${pathOf(path)}?cursor=${query}`)
        const { code, items } = body as Partial<Listed> & { code?: string }
        const isPage = status === 200 && Array.isArray(items)
        const isRefused = status >= 400 && status < 500 && ["bad-cursor", "invalid"].includes(code ?? "")
        expect(isPage || isRefused, JSON.stringify([cursor, status, body])).toBe(true)
      }),
      { numRuns: 150, examples: [[""], ["0"], ["-1"], ["9".repeat(30)], ["e30"], ["bnVsbA"]] },
    )
  })
})
