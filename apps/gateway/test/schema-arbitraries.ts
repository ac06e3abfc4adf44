import fc from "fast-check"

/** As much of JSON Schema as the document of the API has. */
export type Schema = {
  type?: string
  enum?: readonly unknown[]
  const?: unknown
  properties?: Record<string, Schema>
  items?: Schema
  anyOf?: readonly Schema[]
  oneOf?: readonly Schema[]
  required?: readonly string[]
  minLength?: number
  maxLength?: number
  minimum?: number
  maximum?: number
}

/** Texts that have broken something somewhere. */
export const scalar: fc.Arbitrary<string> = fc.oneof(
  fc.string({ maxLength: 30 }),
  fc.string({ unit: "binary", maxLength: 30 }),
  fc.constantFrom(
    "",
    "..",
    "../../etc/passwd",
    "--upload-pack=touch /tmp/x",
    "-1",
    "0",
    "9007199254740993",
    "1e400",
    "NaN",
    "null",
    "__proto__",
    "constructor",
    "\0",
    "\ud800",
    "\u202e",
    "%00",
    "{team:default}",
    "*",
    "a".repeat(3_000),
    "<script>alert(1)</script>",
    "'; DROP TABLE tasks; --",
    "$(touch /tmp/x)",
  ),
)

/** A body that fits a schema, but for what was changed in it: often one place, at times all of it. */
export const bodyLike = (schema: Schema): fc.Arbitrary<unknown> =>
  fc.oneof(
    { weight: 6, arbitrary: like(schema, 4) },
    { weight: 1, arbitrary: fc.jsonValue() },
    {
      weight: 1,
      arbitrary: fc.dictionary(fc.constantFrom("x", ...Object.keys(schema.properties ?? {})), junk),
    },
  )

const junk: fc.Arbitrary<unknown> = fc.oneof(
  scalar,
  fc.jsonValue({ maxDepth: 2 }),
  fc.constantFrom(null, true, -1, 0, 1.5, 1e300, Number.MAX_SAFE_INTEGER, [], {}, [[]], [null]),
)

const like = (schema: Schema, depth: number): fc.Arbitrary<unknown> =>
  fc.oneof({ weight: 12, arbitrary: fitting(schema, depth) }, { weight: 1, arbitrary: junk })

const fitting = (schema: Schema, depth: number): fc.Arbitrary<unknown> => {
  const choices = schema.anyOf ?? schema.oneOf
  if (choices !== undefined) return fc.oneof(...choices.map(each => like(each, depth)))
  if (schema.const !== undefined) return fc.constant(schema.const)
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum)
  if (depth === 0) return junk
  switch (schema.type) {
    case "object":
      return fc.record(
        Object.fromEntries(
          Object.entries(schema.properties ?? {}).map(([name, each]) => [name, like(each, depth - 1)]),
        ),
        { requiredKeys: [...(schema.required ?? [])] },
      )
    case "array":
      return fc.array(like(schema.items ?? {}, depth - 1), { maxLength: 4 })
    case "string":
      return fc.oneof(scalar, fc.constantFrom("shop", "main", "deep", "src/**", "mend sum", "Ada"))
    case "integer":
    case "number":
      return fc.oneof(
        fc.integer({
          min: Math.ceil(Math.max(schema.minimum ?? -5, -1_000)),
          max: Math.floor(Math.min(schema.maximum ?? 1_000, 1e9)),
        }),
        fc.double({ noNaN: true }),
      )
    case "boolean":
      return fc.boolean()
    default:
      return junk
  }
}
