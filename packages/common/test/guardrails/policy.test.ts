import type { LaneRules } from "@twolane/protocol"
import { expect, test } from "vitest"
import { policyFor, refuseGlobs } from "../../src/guardrails/policy.ts"
import { parseRepoFile, type RepoFile } from "../../src/guardrails/repo-file.ts"

function file(text: string): RepoFile {
  const parsed = parseRepoFile(text)
  if (!parsed.ok) throw new Error(parsed.message)
  return parsed.file
}

test("without a file and a request the lane's defaults hold", () => {
  expect(policyFor({ lane: "fast", file: undefined, request: undefined })).toEqual({
    ok: true,
    policy: {
      lane: "fast",
      maxFiles: 3,
      maxChangedLines: 80,
      maxCycles: 3,
      afterCycles: "limited",
      maxSeconds: 120,
      maxSteps: null,
      maxTokens: null,
      maxCostUsd: null,
      costNamed: false,
      scopes: [["**"]],
      protected: [],
      verdicts: {
        maxFiles: "steer",
        maxChangedLines: "steer",
        binary: "steer",
        scope: "steer",
        protected: "steer",
        links: "steer",
        secrets: "deny",
        newDependencies: "deny",
        testTampering: "deny",
        commands: "deny",
      },
    },
  })
  expect(policyFor({ lane: "deep", file: undefined, request: undefined })).toMatchObject({
    policy: {
      maxFiles: 60,
      maxChangedLines: 3000,
      maxCycles: 8,
      afterCycles: "limited",
      maxSteps: 200,
      maxSeconds: 3600,
      maxCostUsd: 5,
      costNamed: false,
      verdicts: {
        maxFiles: "ask",
        maxChangedLines: "ask",
        binary: "ask",
        scope: "steer",
        protected: "ask",
        links: "steer",
        secrets: "deny",
        newDependencies: "ask",
        testTampering: "ask",
        commands: "allow",
      },
    },
  })
})

test("the file may loosen the defaults, the request may only tighten what comes out", () => {
  const repo = file(`
guardrails:
  fast: { maxFiles: 10, scope: [src/**], newDependencies: ask, protected: [docs/**], maxCostUsd: 2 }
  protected: [infra/**]
`)
  const merged = policyFor({
    lane: "fast",
    file: repo,
    request: {
      maxFiles: 5,
      newDependencies: "steer",
      scope: ["**/*.ts"],
      protected: ["src/secret.ts"],
      maxSteps: 20,
    },
    scope: ["src/a/**"],
    budget: { seconds: 60, costUsd: 1 },
  })
  expect(merged).toMatchObject({
    ok: true,
    policy: {
      maxFiles: 5,
      maxChangedLines: 80,
      maxSeconds: 60,
      maxSteps: 20,
      maxCostUsd: 1,
      costNamed: true,
      scopes: [["src/**"], ["**/*.ts"], ["src/a/**"]],
      protected: ["infra/**", "docs/**", "src/secret.ts"],
      verdicts: { newDependencies: "steer" },
    },
  })
})

test("each loosened place of a request is named", () => {
  const refused = policyFor({
    lane: "fast",
    file: undefined,
    request: { maxFiles: 4, commands: "ask", testTampering: "ask", maxTokens: 5 },
    budget: { seconds: 121 },
  })
  expect(refused).toEqual({
    ok: false,
    loosened: [
      { path: "guardrails.maxFiles", message: "the repo allows at most 3, not 4" },
      { path: "guardrails.testTampering", message: "the repo says 'deny', 'ask' would loosen it" },
      { path: "guardrails.commands", message: "the repo says 'deny', 'ask' would loosen it" },
      { path: "budget.seconds", message: "the repo allows at most 120, not 121" },
    ],
  })
})

test("what follows when a cap is met is the file's to say, and a request may only make it stricter", () => {
  const repo = file("guardrails:\n  fast: { afterCycles: hand_off, overSize: hand_off }\n")
  const of = (request: LaneRules) => policyFor({ lane: "fast", file: repo, request })
  expect(of({})).toMatchObject({
    policy: { afterCycles: "hand_off", verdicts: { maxFiles: "hand_off", maxChangedLines: "hand_off" } },
  })
  expect(of({ afterCycles: "limited", overSize: "deny" })).toMatchObject({
    policy: { afterCycles: "limited", verdicts: { maxFiles: "deny", maxChangedLines: "deny" } },
  })
  expect(of({ overSize: "ask" })).toMatchObject({ loosened: [{ path: "guardrails.overSize" }] })
  const bare = { lane: "fast", file: undefined, request: { afterCycles: "hand_off" } } as const
  expect(policyFor(bare)).toMatchObject({ loosened: [{ path: "guardrails.afterCycles" }] })
})

test("a policy never changes the defaults of the next one", () => {
  policyFor({ lane: "fast", file: undefined, request: { maxFiles: 1, testTampering: "deny" }, scope: ["a"] })
  expect(policyFor({ lane: "fast", file: undefined, request: undefined })).toMatchObject({
    policy: { maxFiles: 3, scopes: [["**"]], protected: [] },
  })
})

test("globs of a request that can't be used are named", () => {
  expect(refuseGlobs({ scope: ["a", "/b"], request: { scope: ["../c"], protected: ["ok"] } })).toEqual([
    { path: "scope.1", message: expect.stringContaining("relative") },
    { path: "guardrails.scope.0", message: expect.stringContaining("segments") },
  ])
})
