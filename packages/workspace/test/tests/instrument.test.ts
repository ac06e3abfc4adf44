import { execFileSync } from "node:child_process"
import fc from "fast-check"
import { expect, test } from "vitest"
import { instrument, optionsOf } from "../../src/tests/instrument.ts"
import { passUntil } from "../../src/tests/pass-until.ts"
import { plainLine, shellQuote } from "../../src/tests/shell-words.ts"

const scripts: Record<string, Record<string, string>> = {
  "": {
    test: "vitest run",
    unit: "npm run test",
    lint: "eslint .",
    go: "go test ./...",
    both: "tsc && vitest run",
  },
  "packages/a": { test: "node --test test/*.js", all: "npm run test" },
}
const read = async (path: string) => {
  const found = scripts[path.replace(/\/?package\.json$/, "")]
  return found ? JSON.stringify({ scripts: found }) : null
}
const vitest = '--reporter=default --reporter=json --outputFile.json="$TWOLANE_REPORT"'
const jest = '--json --outputFile="$TWOLANE_REPORT"'

test.each<[string, string | null, string]>([
  ["npx vitest related --run a.ts", "vitest", `npx vitest related --run a.ts ${vitest}`],
  ["CI=1 npx --no vitest run", "vitest", `CI=1 npx --no vitest run ${vitest}`],
  ["node_modules/.bin/vitest run", "vitest", `node_modules/.bin/vitest run ${vitest}`],
  [
    "tsc --noEmit && cd web && pnpm exec vitest run 'a b'",
    "vitest",
    `tsc --noEmit && cd web && pnpm exec vitest run 'a b' ${vitest}`,
  ],
  ["yarn vitest run", "vitest", `yarn vitest run ${vitest}`],
  ["npm exec -- jest a", "jest", `npm exec -- jest a ${jest}`],
  ["npx jest -- a", "jest", `npx jest ${jest} -- a`],
  ["npm test", "vitest", `npm test -- ${vitest}`],
  ["npm test -- a.ts", "vitest", `npm test -- a.ts ${vitest}`],
  ["pnpm test", "vitest", `pnpm test ${vitest}`],
  ["npm run both", "vitest", `npm run both -- ${vitest}`],
  ["node --test a.js", "node:test", "node --test a.js"],
  ["npm test --workspace=packages/a", "node:test", "npm test --workspace=packages/a"],
  ["cd packages/a && npm run all", "node:test", "cd packages/a && npm run all"],
  ["python3 -m pytest -q tests", "pytest", "python3 -m pytest -q tests"],
  ["uv run pytest", "pytest", "uv run pytest"],
  ["../.venv/bin/python -m pytest", "pytest", "../.venv/bin/python -m pytest"],
  ["go test ./a ./b", "go", "go test -json ./a ./b"],
  [
    "cargo +nightly test -p x -- --nocapture",
    "cargo",
    "cargo +nightly test --no-fail-fast -p x -- --nocapture",
  ],
  // What is run can't be told, or arguments would not reach it: only the exit code speaks.
  ["npm run unit", null, "npm run unit"],
  ["npm run go", null, "npm run go"],
  ["npm run lint", null, "npm run lint"],
  ["npm run missing", null, "npm run missing"],
  ["npx vitest run | tee log", null, "npx vitest run | tee log"],
  ["vitest run; true", null, "vitest run; true"],
  ["vitest run || true", null, "vitest run || true"],
  ["vitest $(cat files)", null, "vitest $(cat files)"],
  ["make test", null, "make test"],
  ["echo vitest", null, "echo vitest"],
  ["vitest 'run", null, "vitest 'run"],
])("%s is a run of %s", async (command, runner, instrumented) => {
  const made = await instrument(command, "", read)
  expect({ command: made.command, runner: made.runner?.name ?? null }).toEqual({
    command: instrumented,
    runner,
  })
})

test("a script is looked up in the folder that the command begins in", async () => {
  expect((await instrument("npm test", "packages/a", read)).runner?.name).toBe("node:test")
})

test("a script's options come before its files", () => {
  expect(optionsOf("node --import tsx --test 'test/*.ts'")).toEqual(["node", "--import", "tsx", "--test"])
  expect(optionsOf("node --test | tee x")).toBeNull()
})

test("words are what a shell makes of them", () => {
  const text = fc.string({
    unit: fc.constantFrom("a", "'", '"', "\\", " ", "&", "$", "*", "é", "|"),
    minLength: 1,
    maxLength: 6,
  })
  fc.assert(
    fc.property(fc.array(text, { minLength: 1, maxLength: 4 }), words => {
      const line = words.map(shellQuote).join(" ")
      expect(plainLine(line)?.commands.map(command => command.map(word => word.text))).toEqual([words])
    }),
    { numRuns: 1_000 },
  )
  const hard = ["a b", "it's", '"q"', "$HOME", "*", "\\", "é\n"]
  const printed = execFileSync("bash", ["-c", `printf '%s|' ${hard.map(shellQuote).join(" ")}`], {
    encoding: "utf8",
  })
  expect(printed).toBe(hard.map(word => `${word}|`).join(""))
})

test("output is handed on up to the mark, wherever it is cut", () => {
  const pieces = fc.array(fc.constantFrom("a", "\n", "\nM", "MAR", "MARK", "\nMARK", "K"), { maxLength: 12 })
  fc.assert(
    fc.property(pieces, all => {
      const heard: string[] = []
      const passing = passUntil("\nMARK", text => heard.push(text))
      for (const piece of all) passing.push(piece)
      passing.end()
      expect(heard.join("")).toBe(all.join("").split("\nMARK")[0])
    }),
    { numRuns: 1_000 },
  )
})
