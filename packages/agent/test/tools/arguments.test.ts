import fc from "fast-check"
import { expect, test } from "vitest"
import { parseCall } from "../../src/tools/arguments.ts"
import { clip } from "../../src/tools/clip.ts"

const plain = (name: string, input: string) => parseCall({ name, input, custom: false })

test("a call that fits its tool is parsed", () => {
  expect(plain("read_file", '{"path":"a.ts","offset":2}')).toEqual({
    name: "read_file",
    args: { path: "a.ts", offset: 2 },
  })
})

test("a patch is the same call as free text and as a function", () => {
  const patch = "*** Begin Patch\n*** End Patch"
  const custom = parseCall({ name: "apply_patch", input: patch, custom: true })
  expect(plain("apply_patch", JSON.stringify({ input: patch }))).toEqual(custom)
})

test.each([
  ["nothing", "{}", "There is no tool nothing"],
  ["constructor", "{}", "There is no tool constructor"],
  ["shell", "{ls", "The arguments are not JSON"],
  ["shell", '{"command":["ls"]}', "command: Invalid input"],
  ["shell", '{"command":"ls","cwd":"/"}', "Unrecognized key"],
  ["update_plan", '{"plan":[]}', "plan: Too small"],
])("%s with %s is answered in words", (name, input, words) => {
  expect(plain(name, input)).toEqual({ wrong: expect.stringContaining(words) })
})

test("whatever a model sends is parsed, or answered in words", () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), fc.boolean(), (name, input, custom) => {
      const parsed = parseCall({ name, input, custom })
      expect("wrong" in parsed ? parsed.wrong.length > 0 : parsed.name === name).toBe(true)
    }),
  )
})

test("clipped text keeps both ends and no half character", () => {
  const text = "😀".repeat(10_000)
  fc.assert(
    fc.property(fc.integer({ min: 10, max: 5_000 }), most => {
      const { output, truncated } = clip(text, most)
      expect(truncated).toBe(true)
      expect(output.isWellFormed()).toBe(true)
      expect(output).toContain("characters left out")
    }),
  )
})
