import { expect, test } from "vitest"
import { chooseLane } from "../src/index.ts"
import { deepPrompts, fastPrompts } from "./lane-prompts.ts"

const facts = { fastTurns: 0, handedOff: 0 }
const laneOf = (prompt: string) => chooseLane({ prompt }, facts).lane

test("of the sixty labelled prompts at least fifty go to their lane", () => {
  const labelled = [
    ...fastPrompts.map(prompt => ({ prompt, lane: "fast" })),
    ...deepPrompts.map(prompt => ({ prompt, lane: "deep" })),
  ]
  const wrong = labelled.filter(({ prompt, lane }) => laneOf(prompt) !== lane)
  expect(labelled).toHaveLength(60)
  expect(wrong.length, JSON.stringify(wrong, null, 1)).toBeLessThanOrEqual(10)
})

test("the rules that fired are named", () => {
  const { fired } = chooseLane({ prompt: "Fix the typo in README.md." }, facts)
  expect(fired).toEqual(["short-prompt", "files-named", "small-verb", "one-place"])
})

test.each([
  ["a plan that a person allows first", { plan: "approve" as const }, "plan-first"],
  ["a branch that is published", { publish: "branch" as const }, "publishes"],
  ["a time to wait for", { notBefore: 1 }, "later"],
  ["tasks to wait for", { after: ["task_1"] }, "later"],
])("%s is deep, however small the change", (_what, more, rule) => {
  const chosen = chooseLane({ prompt: "Fix the typo in README.md.", ...more }, facts)
  expect(chosen.lane).toBe("deep")
  expect(chosen.fired).toContain(rule)
})

test("a repo whose fast turns are mostly handed off leans to the deep lane", () => {
  const request = {
    prompt:
      "Please handle the empty list and the missing key, and what else may be wrong around these two cases when the input comes from the old importer.",
  }
  expect(chooseLane(request, facts).lane).toBe("fast")
  expect(chooseLane(request, { fastTurns: 10, handedOff: 6 })).toMatchObject({
    lane: "deep",
    fired: expect.arrayContaining(["handed-off-before"]),
  })
})

test("what is read of a prompt has an end: what comes after it only counts as long", () => {
  const { fired } = chooseLane({ prompt: `${"word ".repeat(20_000)}refactor src/a.ts everywhere` }, facts)
  expect(fired).toEqual(["long-prompt", "longer-than-a-sentence"])
})
