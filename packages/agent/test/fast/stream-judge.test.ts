import { join } from "node:path"
import type { Trip } from "@twolane/common/guardrails/trip"
import { parsePatch } from "@twolane/common/patch/parse"
import { keptTexts } from "@twolane/testkit/corpus"
import fc from "fast-check"
import { expect, test } from "vitest"
import { createStreamJudge } from "../../src/fast/stream-judge.ts"
import { keyOf, keysOf, patchOf, policyOf, scenes, wholeTrips } from "./scenes.ts"

test("however the patch is cut, what trips in mid-stream trips on the whole patch, and where the texts are known nothing is missed", () => {
  fc.assert(
    fc.property(scenes, fc.integer({ min: 1, max: 7 }), ({ files, shown, sections, rules }, size) => {
      const patch = patchOf(sections)
      const merged = policyOf(rules)
      const whole = wholeTrips(merged, patch, files)
      fc.pre(whole !== null)
      for (const known of [files, new Map([...files].filter(([path]) => shown.includes(path)))]) {
        const judge = createStreamJudge({ policy: merged, files: known, changed: [] })
        const found: Trip[] = []
        for (let at = 0; at < patch.length; at += size) found.push(...judge.push(patch.slice(at, at + size)))
        expect(new Set(keysOf(whole ?? []))).toEqual(new Set([...keysOf(whole ?? []), ...keysOf(found)]))
        expect(found).toHaveLength(new Set(found.map(keyOf)).size)
        const missed = known === files ? keysOf(whole ?? []).filter(key => !keysOf(found).includes(key)) : []
        expect(missed).toEqual([])
      }
    }),
    { numRuns: 1_500 },
  )
})

test("every cut of one patch at every character gives the same verdicts", () => {
  const files = new Map([["src/a.ts", "one\ntwo\n"]])
  const patch = patchOf([
    ["*** Update File: src/a.ts", "@@", " one", "-two", "+zwei"],
    ["*** Add File: src/ü.ts", "+1", "+2", "+3", "+4"],
    ["*** Update File: lib/x.ts", "@@", "-a", "+b"],
  ])
  const rules = policyOf({ scope: ["src/**"], maxChangedLines: 4, maxFiles: 2 })
  const verdicts = Array.from({ length: patch.length }, (_, at) => {
    const judge = createStreamJudge({ policy: rules, files, changed: [] })
    return [...judge.push(patch.slice(0, at)), ...judge.push(patch.slice(at))].map(keyOf).sort()
  })
  expect(new Set(verdicts.map(all => all.join("; ")))).toEqual(
    new Set(["maxChangedLines ; maxFiles ; scope lib/x.ts"]),
  )
})

test("a header out of the scope trips with its own newline, before anything of the section is written", () => {
  const judge = createStreamJudge({ policy: policyOf({ scope: ["src/**"] }), files: new Map(), changed: [] })
  expect(judge.push("*** Begin Patch\n*** Update File: lib/x.ts")).toEqual([])
  expect(judge.push("\n")).toMatchObject([
    { rule: "scope", stage: "stream", verdict: "steer", path: "lib/x.ts" },
  ])
})

test("lines of a new file are counted as they come", () => {
  const judge = createStreamJudge({ policy: policyOf({ maxChangedLines: 3 }), files: new Map(), changed: [] })
  const lines = ["*** Begin Patch", "*** Add File: a.ts", "+1", "+2", "+3", "+4"]
  const tripped = lines.map(line => judge.push(`${line}\n`).map(({ rule }) => rule))
  expect(tripped).toEqual([[], [], [], [], [], ["maxChangedLines"]])
})

test("new lines of a file that was shown are counted as they come", () => {
  const files = new Map([["a.ts", "a\nb\n"]])
  const judge = createStreamJudge({ policy: policyOf({ maxChangedLines: 2 }), files, changed: [] })
  const lines = ["*** Begin Patch", "*** Update File: a.ts", "@@", " a", "+1", "+2", "+b", "+3"]
  const tripped = lines.map(line => judge.push(`${line}\n`).map(({ rule }) => rule))
  expect(tripped).toEqual([[], [], [], [], [], [], [], ["maxChangedLines"]])
})

test("a file that the change has touched already may be on its way back, so that nothing of it is certain", () => {
  const changed = [{ path: "lib/x.ts", change: "modified" as const, added: 50, removed: 50 }]
  const judge = createStreamJudge({
    policy: policyOf({ scope: ["src/**"], maxFiles: 1 }),
    files: new Map(),
    changed,
  })
  const lines = ["*** Update File: lib/x.ts", "@@", "-a", "+b", "*** Add File: src/a.ts", "+a"]
  expect(judge.push(`*** Begin Patch\n${lines.join("\n")}\n*** End Patch\n`)).toEqual([])
})

test("a large file that only moves, written whole and deleted, is one renamed file", () => {
  const text = Array.from({ length: 40 }, (_, n) => `line ${n}`)
  const files = new Map([["src/old.ts", `${text.join("\n")}\n`]])
  const rules = policyOf({ maxFiles: 1, maxChangedLines: 10 })
  const judge = createStreamJudge({ policy: rules, files, changed: [] })
  const patch = patchOf([
    ["*** Add File: src/new.ts", ...text.map(line => `+${line}`)],
    ["*** Delete File: src/old.ts"],
  ])
  expect(patch.split("").flatMap(char => judge.push(char))).toEqual([])
  expect(wholeTrips(rules, patch, files)).toEqual([])
})

test("a manifest that was shown is read as soon as its section is whole", () => {
  const files = new Map([["package.json", '{\n  "dependencies": {}\n}\n']])
  const judge = createStreamJudge({ policy: policyOf(), files, changed: [] })
  const section = [
    "*** Update File: package.json",
    "@@",
    '-  "dependencies": {}',
    '+  "dependencies": { "left-pad": "1.0.0" }',
  ]
  expect(judge.push(`*** Begin Patch\n${section.join("\n")}\n`)).toEqual([])
  expect(judge.push("*** Add File: a.ts\n")).toMatchObject([
    { rule: "newDependencies", verdict: "deny", path: "package.json" },
  ])
})

test("a path that cannot be named, or text that is no patch, trips nothing: applying it says why", () => {
  for (const text of [
    "*** Begin Patch\n*** Add File: ../x\n+a\n*** Add File: twolane.yaml\n+a\n*** End Patch\n",
    "nonsense\n*** Add File: twolane.yaml\n",
  ])
    expect(createStreamJudge({ policy: policyOf(), files: new Map(), changed: [] }).push(text)).toEqual([])
})

test("no text makes it throw, and a patch says the same however it is cut; what failed once comes first", () => {
  const files = new Map([["src/a.ts", "one\ntwo\n"]])
  const rules = policyOf({ scope: ["src/**"], maxChangedLines: 4, maxFiles: 2 })
  const marker = fc.constantFrom(
    "*** Begin Patch",
    "*** End Patch",
    "*** Add File: lib/x.ts",
    "*** Update File: src/a.ts",
    "*** Delete File: src/a.ts",
    "*** Move to: src/b.ts",
    "@@",
    "+a",
    "-one",
    " one",
  )
  const lines = fc.array(fc.oneof({ weight: 4, arbitrary: marker }, fc.string({ unit: "binary" })))
  const told = (text: string, cuts: readonly number[]): string[] => {
    const judge = createStreamJudge({ policy: rules, files, changed: [] })
    const places = [...cuts.map(cut => cut % (text.length + 1)).toSorted((a, b) => a - b), text.length]
    return places.flatMap((place, at) => judge.push(text.slice(places[at - 1] ?? 0, place))).map(keyOf)
  }
  const kept = keptTexts(join(import.meta.dirname, ".."), "mid-stream")
  fc.assert(
    fc.property(
      lines.map(all => all.join("\n")),
      fc.array(fc.nat(2_000), { maxLength: 10 }),
      (text, cuts) => {
        const inPieces = told(text, cuts).toSorted()
        const whole = told(text, []).toSorted()
        // What turns out to be no patch may have tripped before that.
        expect(parsePatch(text).ok ? inPieces : whole).toEqual(whole)
      },
    ),
    { numRuns: 1_000, examples: kept.map(text => [text, [1, 16, 17, 40, 41]]) },
  )
})
