import { globSync, readFileSync } from "node:fs"
import { resolve } from "node:path"
import fc from "fast-check"
import { expect, test } from "vitest"
import { insideTrace, placeBelow, readTraceparent, traceNow, traceparentOf } from "../../src/trace/context.ts"

const hex = (digits: number) =>
  fc
    .string({ unit: fc.constantFrom(..."0123456789abcdef".split("")), minLength: digits, maxLength: digits })
    .filter(text => !/^0+$/.test(text))

test("a traceparent is read as it was written", () => {
  fc.assert(
    fc.property(hex(32), hex(16), fc.boolean(), (traceId, spanId, sampled) => {
      const place = { traceId, spanId, sampled }
      expect(readTraceparent(traceparentOf(place))).toEqual(place)
    }),
  )
})

test.each([
  undefined,
  "",
  "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331",
  "00-00000000000000000000000000000000-b7ad6b7169203331-01",
  "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
  "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
  "01-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\n",
])("%j is none", text => {
  expect(readTraceparent(text)).toBeNull()
})

test("what is awaited inside a trace knows of it, and nothing outside does", async () => {
  const place = placeBelow({
    traceId: "0af7651916cd43dd8448eb211c80319c",
    spanId: "b7ad6b7169203331",
    sampled: false,
  })
  expect(place).toMatchObject({ traceId: "0af7651916cd43dd8448eb211c80319c", sampled: false })
  const seen = Promise.withResolvers<unknown>()
  insideTrace(place, () => void Promise.resolve().then(() => seen.resolve(traceNow())))
  expect(await seen.promise).toEqual({ trace: traceparentOf(place) })
  expect(traceNow()).toEqual({})
})

test("nothing of OpenTelemetry is loaded where no traces are asked for", () => {
  const root = resolve(import.meta.dirname, "../../../..")
  const sources = globSync("{apps,packages}/*/src/**/*.ts", { cwd: root }).map(path => ({
    path,
    text: readFileSync(resolve(root, path), "utf8"),
  }))
  const importing = (name: RegExp) =>
    sources
      .filter(({ text }) => text.split("\n").some(line => /^import (?!type )/.test(line) && name.test(line)))
      .map(({ path }) => path)
  expect(importing(/"@opentelemetry\//)).toEqual(["packages/common/src/trace/open-traces.ts"])
  expect(importing(/trace\/open-traces"/)).toEqual(["packages/turns/src/tell-traces.ts"])
  expect(importing(/tell-traces\.ts"/)).toEqual([])
})
