import { join } from "node:path"
import { keptTexts } from "@twolane/testkit/corpus"
import fc from "fast-check"
import { expect, test } from "vitest"
import { applyPatch } from "../../src/patch/apply.ts"
import { parsePatch } from "../../src/patch/parse.ts"
import { refusePath } from "../../src/patch/paths.ts"
import { createPatchReader } from "../../src/patch/reader.ts"
import { diffLines, hunksOf, renderUpdate } from "./render.ts"

const line = fc.oneof(
  fc.constantFrom(
    "",
    " ",
    "\t",
    "a",
    "b",
    "}",
    "+x",
    "-x",
    "@@",
    "@@ a",
    "*** End Patch",
    "*** Update File: a",
    "\\",
  ),
  fc.string({ maxLength: 8 }).map(text => text.replace(/[\r\n]/g, "")),
)
/** Lines as a text is cut by its newlines: the last one is empty when the text ends with one. */
const lines = fc.array(line, { minLength: 1, maxLength: 25 })
const marker = fc.constantFrom(
  "*** Begin Patch",
  "*** End Patch",
  "*** Add File: a.txt",
  "*** Delete File: a.txt",
  "*** Update File: a.txt",
  "*** Update File: b/c.ts",
  "*** Move to: d.txt",
  "*** End of File",
  "@@",
  "@@ a",
  "+a",
  "-a",
  " a",
  "",
  "<<'EOF'",
  "EOF",
)
const almostPatch = fc
  .array(fc.oneof({ weight: 5, arbitrary: marker }, line), { maxLength: 20 })
  .map(all => all.join("\n"))
const anyText = fc.oneof(
  fc.string({ unit: "binary" }),
  almostPatch,
  almostPatch.map(text => `*** Begin Patch\n${text}\n*** End Patch`),
)

const folder = join(import.meta.dirname, "..")
/** What failed once, here or where another text is read. */
const kept = [...keptTexts(folder, "patches"), ...keptTexts(folder, "texts")]

function apply(patch: string, files: Record<string, string>) {
  const parsed = parsePatch(patch)
  return parsed.ok ? applyPatch(parsed.patch, path => files[path] ?? null) : parsed
}

test.each(["\n", "\r\n"])("a rendered diff with all its context turns any text into any other (%j)", eol => {
  fc.assert(
    fc.property(lines, lines, (before, after) => {
      // A text with one line has no line end of its own: what is added gets `\n`.
      fc.pre(before.join() !== after.join() && (eol === "\n" || before.length > 1 || after.length === 1))
      const diff = diffLines(before, after)
      const patch = renderUpdate("f", [{ lines: diff, endOfFile: true }])
      const plan = apply(patch, { f: before.join(eol) })
      expect(plan).toMatchObject({ ok: true, writes: [{ path: "f", text: after.join(eol) }] })
    }),
    { numRuns: 1_000 },
  )
})

test.each(["\n", "\r\n"])("hunks with little context do where lines are unlike each other (%j)", eol => {
  const edits = fc.array(fc.constantFrom("keep", "keep", "keep", "drop", "change", "insert"), {
    minLength: 3,
    maxLength: 40,
  })
  fc.assert(
    fc.property(edits, fc.nat(3), fc.boolean(), (all, context, newline) => {
      const end = newline ? [""] : []
      const before = [...all.map((_, n) => `line ${n}`), ...end]
      const after = [
        ...all.flatMap((edit, n) =>
          edit === "drop"
            ? []
            : edit === "change"
              ? [`changed ${n}`]
              : edit === "insert"
                ? [`new ${n}`, `line ${n}`]
                : [`line ${n}`],
        ),
        ...end,
      ]
      fc.pre(before.join() !== after.join() && after.length > 0)
      const hunks = hunksOf(diffLines(before, after), Math.max(context, 1))
      const plan = apply(renderUpdate("f", hunks), { f: before.join(eol) })
      expect(plan).toMatchObject({ ok: true, writes: [{ path: "f", text: after.join(eol) }] })
    }),
    { numRuns: 500 },
  )
})

test("a patch that is itself written with CRLF means the same", () => {
  fc.assert(
    fc.property(lines, lines, (before, after) => {
      fc.pre(before.join() !== after.join())
      const hunks = [{ lines: diffLines(before, after), endOfFile: true }]
      const files = { f: before.join("\n") }
      expect(apply(renderUpdate("f", hunks, "\r\n"), files)).toEqual(apply(renderUpdate("f", hunks), files))
    }),
    { numRuns: 300 },
  )
})

test("no input makes parsing or planning throw, and what fails says why", () => {
  fc.assert(
    fc.property(anyText, fc.string(), (text, content) => {
      const result = apply(text, { "a.txt": content, "b/c.ts": "a\nb\n" })
      const refused = result.ok ? result.writes.map(write => refusePath(write.path)) : [null]
      expect(new Set(refused)).toEqual(new Set([null]))
      expect(result.ok || result.reason).not.toBe("")
    }),
    { numRuns: 3_000, examples: kept.map(text => [text, "a\n"]) },
  )
})

test("the reader agrees with parsePatch however the text is cut", () => {
  fc.assert(
    fc.property(anyText, fc.array(fc.nat(200), { maxLength: 10 }), (text, cuts) => {
      const reader = createPatchReader()
      const places = [0, ...cuts.map(cut => Math.min(cut, text.length)).sort((a, b) => a - b), text.length]
      for (const [n, place] of places.entries()) reader.push(text.slice(places[n - 1] ?? 0, place))
      const facts = reader.end()
      const parsed = parsePatch(text)
      const told = facts.failure
        ? { ok: false, ...facts.failure }
        : { ok: true, patch: { sections: facts.sections } }
      expect(told).toEqual(parsed)
      expect(facts.done).toBe(parsed.ok)
    }),
    { numRuns: 2_000, examples: kept.map(text => [text, [1, 7, 30]]) },
  )
})

test("on each prefix the reader knows what a reader of the whole lines so far knows", () => {
  fc.assert(
    fc.property(almostPatch, text => {
      const whole = `*** Begin Patch\n${text}\n*** End Patch\n`
      const reader = createPatchReader()
      for (let at = 0; at < whole.length; at += 1) {
        const facts = structuredClone(reader.push(whole.charAt(at)))
        const fresh = createPatchReader().push(whole.slice(0, whole.lastIndexOf("\n", at) + 1))
        expect(facts).toEqual(fresh)
      }
    }),
    { numRuns: 100 },
  )
})
