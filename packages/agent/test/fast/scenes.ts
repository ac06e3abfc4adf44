import { changesOfPlan } from "@twolane/common/guardrails/changed-file"
import { judgePatch } from "@twolane/common/guardrails/judge"
import { type Policy, policyFor } from "@twolane/common/guardrails/policy"
import type { Trip } from "@twolane/common/guardrails/trip"
import { applyPatch } from "@twolane/common/patch/apply"
import { parsePatch } from "@twolane/common/patch/parse"
import type { LaneRules } from "@twolane/protocol"
import fc from "fast-check"

/** The fast lane's rules, tightened by a request. */
export const policyOf = (request: LaneRules = {}): Policy => {
  const merged = policyFor({ lane: "fast", file: undefined, request })
  if (!merged.ok) throw new Error("loosened")
  return merged.policy
}

/** What the whole patch trips, as the worker judges it; null when it does not apply. */
export const wholeTrips = (rules: Policy, patch: string, now: ReadonlyMap<string, string>): Trip[] | null => {
  const parsed = parsePatch(patch)
  if (!parsed.ok) return null
  const textOf = (path: string) => now.get(path) ?? null
  const plan = applyPatch(parsed.patch, textOf)
  return plan.ok ? judgePatch(rules, changesOfPlan(plan.writes, textOf), []) : null
}

/** A trip by its rule and path. */
export const keyOf = ({ rule, path }: Trip): string => `${rule} ${path ?? ""}`
/** The different trips among some. */
export const keysOf = (trips: readonly Trip[]): string[] => [...new Set(trips.map(keyOf))].sort()

const paths = [
  "src/a.ts",
  "src/b.ts",
  "lib/a.ts",
  "lib/c.md",
  "package.json",
  "twolane.yaml",
  ".gitignore",
  ".npmrc",
  "package-lock.json",
]
const fresh = ["src/new.ts", "lib/new.ts", "docs/a.ts", "go.mod", ".github/x.yml", "yarn.lock"]
const word = fc.constantFrom("one", "two", "three", "four", "five", "")
const text = fc.array(word, { minLength: 1, maxLength: 12 }).map(all => `${all.join("\n")}\n`)

/** One section of a patch that changes something, by what the tree holds. */
const sectionOf = (path: string, before: string | undefined) => {
  if (before === undefined)
    return fc
      .array(
        fc.oneof(
          word,
          fc.string({ maxLength: 5 }).map(one => one.replace(/[\r\n]/g, "")),
        ),
        { minLength: 1, maxLength: 9 },
      )
      .map(all => [`*** Add File: ${path}`, ...all.map(line => `+${line}`)])
  const lines = before.split("\n").slice(0, -1)
  const update = fc
    .record({
      at: fc.nat(lines.length - 1),
      take: fc.integer({ min: 1, max: 4 }),
      put: fc.array(fc.constantFrom("six", "seven", "eight"), { maxLength: 6 }),
      to: fc.option(fc.constantFrom("src/moved.ts", "lib/a.ts.bak"), { freq: 6 }),
    })
    .map(({ at, take, put, to }) => [
      `*** Update File: ${path}`,
      ...(to === null ? [] : [`*** Move to: ${to}${path.length}`]),
      "@@",
      ...lines.slice(0, at).map(line => ` ${line}`),
      ...lines.slice(at, at + take).map(line => `-${line}`),
      ...put.map(line => `+${line}`),
      ...lines.slice(at + take).map(line => ` ${line}`),
    ])
  return fc.oneof(
    { weight: 5, arbitrary: update },
    { weight: 1, arbitrary: fc.constant([`*** Delete File: ${path}`]) },
  )
}

const tree = fc.record(Object.fromEntries(paths.map(path => [path, text])))
/** A tree, what of it was shown, rules, and the sections of a patch that changes it. */
export const scenes = tree.chain(files =>
  fc.shuffledSubarray([...paths, ...fresh], { minLength: 1, maxLength: 5 }).chain(chosen =>
    fc.record({
      files: fc.constant(new Map(Object.entries(files))),
      shown: fc.subarray(paths),
      sections: fc.tuple(...chosen.map(path => sectionOf(path, files[path]))),
      rules: fc.record({
        maxFiles: fc.constantFrom(1, 2, 3),
        maxChangedLines: fc.constantFrom(3, 6, 20),
        scope: fc.constantFrom<string[]>(["**"], ["src/**"], ["src/**", "*.json"]),
      }),
    }),
  ),
)
/** Sections as a whole patch. */
export const patchOf = (sections: readonly (readonly string[])[]): string =>
  ["*** Begin Patch", ...sections.flat(), "*** End Patch", ""].join("\n")

/** One of the scenes. */
export type Scene = typeof scenes extends fc.Arbitrary<infer Made> ? Made : never
