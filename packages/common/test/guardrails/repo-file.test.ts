import { join } from "node:path"
import { keptTexts } from "@twolane/testkit/corpus"
import fc from "fast-check"
import { expect, test } from "vitest"
import { defaultRepoFile, parseRepoFile } from "../../src/guardrails/repo-file.ts"

test("an empty file, and no file, mean the defaults", () => {
  const defaults = {
    test: { timeoutMs: 120_000 },
    share: ["node_modules"],
    include: [],
    env: { CI: "1" },
    network: { setup: "auto", run: [] },
    secrets: { setup: [] },
    submodules: false,
    approvals: { by: "anyone" },
    guardrails: { fast: {}, deep: {}, protected: [] },
  }
  expect(defaultRepoFile()).toEqual(defaults)
  for (const text of ["", "# nothing\n", "---\n", "{}", "\ufeff"])
    expect(parseRepoFile(text)).toEqual({ ok: true, file: defaults })
})

test("the contract's example is read whole", () => {
  const text = `
setup: npm ci                     # detected
test:
  all: npm test
  targeted: npx vitest related --run {files}
  timeout: 2m
share: [node_modules, vendor/]
include: [.env.test]
env: { CI: "1", PORT: 80, DEBUG: false }
network: { setup: [registry.npmjs.org, "*.example.com:8443"], run: [] }
secrets: { setup: [NPM_TOKEN] }
submodules: false
guardrails:
  fast: { maxFiles: 3, maxChangedLines: 80, scope: ["**"], newDependencies: deny, maxCycles: 3, maxSeconds: 120, commands: deny, testTampering: deny }
  deep: { maxFiles: 60, maxChangedLines: 3000, newDependencies: ask, maxCycles: 8, maxSteps: 200, maxSeconds: 3600, maxCostUsd: 5, testTampering: ask }
  protected: [".github/**"]
`
  expect(parseRepoFile(text)).toEqual({
    ok: true,
    file: {
      setup: "npm ci",
      test: { all: "npm test", targeted: "npx vitest related --run {files}", timeoutMs: 120_000 },
      share: ["node_modules", "vendor"],
      include: [".env.test"],
      env: { CI: "1", PORT: "80", DEBUG: "false" },
      network: { setup: ["registry.npmjs.org", "*.example.com:8443"], run: [] },
      secrets: { setup: ["NPM_TOKEN"] },
      submodules: false,
      approvals: { by: "anyone" },
      guardrails: {
        fast: {
          maxFiles: 3,
          maxChangedLines: 80,
          scope: ["**"],
          newDependencies: "deny",
          maxCycles: 3,
          maxSeconds: 120,
          commands: "deny",
          testTampering: "deny",
        },
        deep: {
          maxFiles: 60,
          maxChangedLines: 3000,
          newDependencies: "ask",
          maxCycles: 8,
          maxSteps: 200,
          maxSeconds: 3600,
          maxCostUsd: 5,
          testTampering: "ask",
        },
        protected: [".github/**"],
      },
    },
  })
})

test.each<[string, string, number, string, string]>([
  ["an unknown key", "setup: npm ci\nsetpu: x\n", 2, "setpu", "no such key"],
  [
    "an unknown nested key",
    "guardrails:\n  fast:\n    maxFile: 3\n",
    3,
    "guardrails.fast.maxFile",
    "no such key",
  ],
  ["a wrong type", "test:\n  all: npm test\n  timeout: [1]\n", 3, "test.timeout", ""],
  ["a bad time", "test:\n  timeout: soon\n", 2, "test.timeout", "such as 120s"],
  ["a bad number", "guardrails:\n  deep:\n    maxFiles: -1\n", 3, "guardrails.deep.maxFiles", ""],
  [
    "a bad verdict",
    "guardrails:\n\n  deep: { newDependencies: maybe }\n",
    3,
    "guardrails.deep.newDependencies",
    "hand_off",
  ],
  [
    "a deep lane that hands off",
    "guardrails:\n  deep: { afterCycles: hand_off }\n",
    2,
    "guardrails.deep.afterCycles",
    "no such key",
  ],
  ["a bad list item", "share:\n  - a\n  - ../b\n", 3, "share.1", "'..' segment"],
  ["a bad glob", "guardrails:\n  protected: ['/etc/**']\n", 2, "guardrails.protected.0", "relative"],
  ["a bad host", "network:\n  run:\n    - http://a\n", 3, "network.run.0", "host"],
  ["a bad network", "network:\n  setup: none\n", 2, "network.setup", "list of hosts"],
  ["a bad variable", "env:\n  A-B: 1\n", 2, "env.A-B", ""],
  ["a list for the file", "- a\n- b\n", 1, "", ""],
  ["a duplicate key", "setup: a\ntest:\n  all: b\nsetup: c\n", 4, "setup", "unique"],
  ["bad YAML", "setup: npm ci\ntest:\n  all: [npm\n", 4, "test.all", ""],
  ["a tab", "test:\n\tall: x\n", 2, "test", "ab"],
  ["a tag", "setup: !!js/function 'x'\n", 1, "setup", "tag"],
  ["two documents", "setup: a\n---\nsetup: b\n", 2, "setup", "multiple documents"],
  ["__proto__", "__proto__:\n  polluted: true\n", 1, "__proto__", ""],
])("%s is refused, naming line and key", (_, text, line, key, message) => {
  expect(parseRepoFile(text)).toEqual({ ok: false, line, key, message: expect.stringContaining(message) })
})

test("aliases that unfold without end are refused", () => {
  const rows = ["a: &a [x, x, x, x, x, x, x, x, x]"]
  for (let n = 0; n < 9; n += 1)
    rows.push(`${"bcdefghij"[n]}: &${"bcdefghij"[n]} [${`*${"abcdefghi"[n]}, `.repeat(9)}]`)
  expect(parseRepoFile(rows.join("\n"))).toMatchObject({ ok: false })
})

test("no text makes it throw", () => {
  const piece = fc.constantFrom(
    "setup",
    "test",
    ":",
    " ",
    "\n",
    "-",
    "{",
    "}",
    "[",
    "]",
    "&a",
    "*a",
    "!t",
    '"',
    "#",
    "|",
    "? ",
    "1",
  )
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string({ unit: "binary" }),
        fc.array(piece).map(all => all.join("")),
      ),
      text => {
        const parsed = parseRepoFile(text)
        expect(parsed.ok || parsed.line >= 1).toBe(true)
      },
    ),
    {
      numRuns: 2_000,
      examples: keptTexts(join(import.meta.dirname, ".."), "texts").map(text => [text]),
    },
  )
})
