import { readCargoText } from "./reports/cargo-text.ts"
import { goOutput, readGoJson } from "./reports/go-json.ts"
import { readJestJson } from "./reports/jest-json.ts"
import { readJunit } from "./reports/junit.ts"
import type { ReadReport } from "./reports/report.ts"

/** The shell variable that names the file a report goes to. */
export const reportVariable = "TWOLANE_REPORT"

/** A test runner whose report Twolane reads. */
export type Runner = {
  name: "vitest" | "jest" | "node:test" | "pytest" | "go" | "cargo"
  /** Whether these words, without `npx` and the like in front, start it. */
  starts: (words: readonly string[]) => boolean
  /** How it is made to write its report: more arguments, an environment, or by copying its output. */
  report:
    | { by: "arguments"; arguments: string }
    | { by: "environment"; name: string; value: string }
    | { by: "output"; after: string; arguments: string }
  read: ReadReport
  /** What it prints, for people, where its output itself is the report. */
  shown?: (output: string) => string
  /** What it says where it found no test. */
  noTests: RegExp
}

const file = `"$${reportVariable}"`
const baseName = (word: string | undefined): string => (word ?? "").slice((word ?? "").lastIndexOf("/") + 1)
const isPython = (word: string | undefined): boolean => /^python[\d.]*$/.test(baseName(word))

/** The runners, each with a report of its own: never is a result read from the exit code alone. */
export const runners: readonly Runner[] = [
  {
    name: "vitest",
    starts: words => baseName(words[0]) === "vitest",
    report: { by: "arguments", arguments: `--reporter=default --reporter=json --outputFile.json=${file}` },
    read: readJestJson,
    noTests: /No (?:affected )?test files found/,
  },
  {
    name: "jest",
    starts: words => baseName(words[0]) === "jest",
    report: { by: "arguments", arguments: `--json --outputFile=${file}` },
    read: readJestJson,
    noTests: /No tests found/,
  },
  {
    name: "node:test",
    starts: words => ["node", "tsx"].includes(baseName(words[0])) && words.includes("--test"),
    // Options after a file's name would go to the file: so by the environment.
    report: {
      by: "environment",
      name: "NODE_OPTIONS",
      value: `--test-reporter=spec --test-reporter-destination=stdout --test-reporter=junit --test-reporter-destination=$${reportVariable}`,
    },
    read: readJunit,
    noTests: /^(?:ℹ|#) tests 0$/m,
  },
  {
    name: "pytest",
    starts: words =>
      /^(?:pytest|py\.test)$/.test(baseName(words[0])) ||
      (words.includes("pytest") && (isPython(words[0]) || baseName(words[0]) === "coverage")),
    report: {
      by: "environment",
      name: "PYTEST_ADDOPTS",
      value: `--junitxml=$${reportVariable} -o junit_family=xunit1`,
    },
    read: readJunit,
    noTests: /no tests ran|collected 0 items/,
  },
  {
    name: "go",
    starts: words => baseName(words[0]) === "go" && words[1] === "test",
    report: { by: "output", after: "test", arguments: "-json" },
    read: readGoJson,
    shown: goOutput,
    noTests: /no test files|no tests to run/,
  },
  {
    name: "cargo",
    starts: words => baseName(words[0]) === "cargo" && words.includes("test"),
    report: { by: "output", after: "test", arguments: "--no-fail-fast" },
    read: readCargoText,
    noTests: /running 0 tests/,
  },
]

/** The runner that these words start, if Twolane knows it. */
export const runnerOf = (words: readonly string[]): Runner | undefined => {
  const own = withoutLaunchers(words)
  return runners.find(runner => runner.starts(own))
}

const launchers: readonly RegExp[] = [
  /^(?:\w+=\S*|env|cross-env|time|command)$/,
  /^(?:npx|bunx|pnpx)$/,
  /^(?:npm|pnpm|yarn|bun) (?:exec|x|dlx)$/,
  /^(?:yarn|pnpm|bun)$/,
  /^(?:uv|poetry|pipenv|pdm|rye|hatch) run$/,
]

/** Takes off what only starts another command: variables, `npx --no`, `pnpm exec --`, `uv run`. */
export function withoutLaunchers(words: readonly string[]): readonly string[] {
  for (const count of [2, 1]) {
    const front = words.slice(0, count).join(" ")
    if (words.length < count || !launchers.some(launcher => launcher.test(front))) continue
    // `yarn test` is a script, `yarn vitest` a command: scripts are looked up before this is asked.
    let rest = words.slice(count)
    while (rest[0]?.startsWith("-")) rest = rest.slice(1)
    return withoutLaunchers(rest)
  }
  return words
}
