import { type ChangedFile, changedFile } from "../../src/guardrails/changed-file.ts"
import { type Policy, type PolicyRequest, policyFor } from "../../src/guardrails/policy.ts"

/** A lane's policy with no `twolane.yaml`. */
export function policy(lane: "fast" | "deep", request?: PolicyRequest["request"]): Policy {
  const merged = policyFor({ lane, file: undefined, request })
  if (!merged.ok) throw new Error("loosened")
  return merged.policy
}
/** A changed file. */
export const edit = (
  path: string,
  before: string | null,
  after: string | null,
  more: Partial<Pick<ChangedFile, "from" | "oldMode" | "newMode" | "binary" | "change">> = {},
) => changedFile({ path, before, after, ...more })

/** Two cases with three assertions. */
export const testFile =
  'test("adds", () => { expect(add(1, 2)).toBe(3); expect(add(0, 0)).toBe(0) })\ntest("takes away", () => { expect(1).toBe(1) })\n'
/** A package.json. */
export const manifest = (dependencies: Record<string, string>, scripts = { test: "vitest" }) =>
  JSON.stringify({ name: "x", scripts, dependencies })
/** So many lines. */
export const lines = (count: number) => "x\n".repeat(count)
