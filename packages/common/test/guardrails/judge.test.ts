import { cpuMsOf } from "@twolane/testkit/cpu-time"
import { expect, test } from "vitest"
import { changesOfPlan } from "../../src/guardrails/changed-file.ts"
import {
  judgeChange,
  judgeCommand,
  judgePatch,
  judgePrompt,
  rulesInWords,
} from "../../src/guardrails/judge.ts"
import { policyFor } from "../../src/guardrails/policy.ts"
import { gateKindOf } from "../../src/guardrails/trip.ts"
import { applyPatch } from "../../src/patch/apply.ts"
import { parsePatch } from "../../src/patch/parse.ts"
import { edit, lines, manifest, policy, testFile } from "./make.ts"

test("links are for the model to mend, in both lanes", () => {
  const files = [edit("a", null, "/etc", { newMode: "120000" })]
  for (const lane of ["fast", "deep"] as const)
    expect(judgePatch(policy(lane), files, [])).toEqual([
      {
        rule: "links",
        stage: "patch",
        verdict: "steer",
        path: "a",
        detail: expect.stringContaining("out of the workspace"),
      },
    ])
})

test("a path must be in each scope, at both ends of a rename", () => {
  const merged = policyFor({
    lane: "deep",
    file: undefined,
    request: { scope: ["src/**"] },
    scope: ["**/*.ts"],
  })
  const files = [
    edit("src/a.ts", "1", "2"),
    edit("src/b.js", "1", "2"),
    edit("src/c.ts", "1", "1", { from: "lib/c.ts" }),
  ]
  expect(
    merged.ok && judgePatch(merged.policy, files, []).map(({ rule, path, verdict }) => [rule, path, verdict]),
  ).toEqual([
    ["scope", "src/b.js", "steer"],
    ["scope", "lib/c.ts", "steer"],
  ])
})

test("limits count the whole change, a file that is patched again only once", () => {
  const soFar = [
    { path: "a", change: "modified", added: 40, removed: 0 },
    { path: "b", change: "modified", added: 30, removed: 0 },
  ] as const
  expect(judgePatch(policy("fast"), [edit("a", "", lines(45))], soFar)).toEqual([])
  expect(judgePatch(policy("fast"), [edit("a", "", lines(51))], soFar)).toEqual([
    {
      rule: "maxChangedLines",
      stage: "patch",
      verdict: "steer",
      detail: "the change adds and removes 81 lines; 80 are allowed",
    },
  ])
})

test("a planned patch is judged against the base, so that undoing an own change is no change", () => {
  const parsed = parsePatch(
    "*** Begin Patch\n*** Delete File: new.test.ts\n*** Update File: a.ts\n@@\n-2\n+3\n*** End Patch",
  )
  const now: Record<string, string> = { "new.test.ts": testFile, "a.ts": "2\n" }
  const plan = parsed.ok ? applyPatch(parsed.patch, path => now[path] ?? null) : parsed
  const files = plan.ok ? changesOfPlan(plan.writes, path => (path === "a.ts" ? "1\n" : null)) : []
  expect(files).toEqual([
    { path: "a.ts", change: "modified", before: "1\n", after: "3\n", added: 1, removed: 1 },
  ])
})

test("a secret in a change is denied, in words that don't repeat it; one that was there before is not", async () => {
  const token = `ghp_${"a1B2".repeat(9)}`
  const trips = await judgeChange(policy("deep"), [
    edit("a.ts", "\n", `// secretlint-disable\nconst token = "${token}"\n`),
    edit("b.ts", `const token = "${token}"\n`, `const token = "${token}" // moved\n`),
  ])
  expect(trips).toEqual([
    {
      rule: "secrets",
      stage: "change",
      verdict: "deny",
      path: "a.ts",
      detail: expect.stringContaining("line 2"),
    },
  ])
  expect(JSON.stringify(trips)).not.toContain(token)
})

test("a secret is found in the middle of a large file", async () => {
  const token = `ghp_${"a1B2".repeat(9)}`
  const text = `${"const x = 1\n".repeat(90_000)}${token}\n${"const x = 1\n".repeat(90_000)}`
  const trips = await judgeChange(policy("deep", { maxChangedLines: 3_000 }), [
    edit("big.ts", text.replace(token, ""), text),
  ])
  expect(trips.filter(trip => trip.rule === "secrets").map(trip => trip.detail)).toEqual([
    expect.stringContaining("line 90001"),
  ])
})

test("a prompt with a secret is denied before it is stored", async () => {
  expect(await judgePrompt("mend the login")).toEqual([])
  expect(await judgePrompt(`use ghp_${"a1B2".repeat(9)}`)).toMatchObject([
    { rule: "secrets", stage: "prompt", verdict: "deny" },
  ])
})

test("of prompts that come at once each is judged by itself", async () => {
  const secret = `ghp_${"a1B2".repeat(9)}`
  const clean = Array.from({ length: 40 }, (_, index) => `mend the login ${index}`)
  const long = "x ".repeat(30_000)
  const halves = ["AWS_SECRET_ACCESS_KEY =", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"]
  const prompts = [...clean, `use ${secret}`, ...halves, long, `${long}${secret}`]
  const trips = await Promise.all(prompts.map(judgePrompt))
  expect(prompts.filter((_, index) => (trips[index]?.length ?? 0) > 0)).toEqual([
    `use ${secret}`,
    `${long}${secret}`,
  ])
})

test("commands are judged by the policy alone", () => {
  expect(judgeCommand(policy("fast"), "ls")).toMatchObject([
    { rule: "commands", stage: "command", verdict: "deny" },
  ])
  expect(judgeCommand(policy("deep"), "ls")).toEqual([])
  expect(judgeCommand(policy("deep", { commands: "ask" }), "ls")).toMatchObject([
    { verdict: "ask", detail: "wants to run: ls" },
  ])
})

test("the gate's kind follows from what asks", () => {
  const deep = policy("deep")
  const dependency = judgePatch(deep, [edit("package.json", manifest({}), manifest({ a: "1" }))], [])
  expect(gateKindOf(dependency)).toBe("dependency")
  expect(gateKindOf([...dependency, ...judgePatch(deep, [edit("twolane.yaml", "a", "b")], [])])).toBe("patch")
  expect(gateKindOf(judgeCommand(policy("deep", { commands: "ask" }), "ls"))).toBe("command")
})

test("the rules are told to the model in words", () => {
  const merged = policyFor({
    lane: "fast",
    file: undefined,
    request: { scope: ["src/**"], protected: ["docs/**"] },
  })
  expect(merged.ok && rulesInWords(merged.policy).join("\n")).toMatch(
    /3 files and 80 lines[\s\S]*src\/\*\*[\s\S]*docs\/\*\*[\s\S]*no dependencies/,
  )
})

test("no text makes the reading of tests slow", () => {
  const hostile = [
    "test.",
    "test(",
    '"\\',
    "`\\",
    "/*",
    "test{a:b,",
    "@Test void ",
    "#[test]",
    ".toMatchInlineSnapshot(`\\",
    " ",
  ]
  for (const piece of hostile)
    for (const path of ["a.test.ts", "a_test.go", "src/a.rs", "test_a.py", "ATest.java"]) {
      const edited = [edit(path, "x\n", piece.repeat(300_000 / piece.length))]
      const cpuMs = cpuMsOf(() => judgePatch(policy("fast"), edited, []))
      expect(cpuMs, `${piece} in ${path}`).toBeLessThan(1_000)
    }
})

test("thousands of moved files are paired in bounded time", () => {
  const files = Array.from({ length: 3_000 }, (_, n) => [
    edit(`old/${n}/index.ts`, `a ${n}\n`, null),
    edit(`new/${n}/index.ts`, null, `b ${n}\n`),
  ]).flat()
  const cpuMs = cpuMsOf(() => {
    const rules = judgePatch(policy("deep"), files, []).map(trip => trip.rule)
    expect(rules).toEqual(["maxFiles", "maxChangedLines"])
  })
  expect(cpuMs).toBeLessThan(10_000)
})
