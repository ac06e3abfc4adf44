import { expect, test } from "vitest"
import { type SelectionName, select } from "../../src/tests/select.ts"
import { filesOnly } from "./local-room.ts"

const json = (value: unknown) => JSON.stringify(value)
const signal = new AbortController().signal

function pick(files: Record<string, string>, changed: string[], name: SelectionName, settings = {}) {
  const there = Object.fromEntries(changed.filter(path => !path.startsWith("-")).map(path => [path, ""]))
  return select(
    {
      room: filesOnly({ ...there, ...files }),
      settings: { timeoutMs: 1_000, ...settings },
      changed: changed.map(path => ({
        path: path.replace(/^-/, ""),
        change: path.startsWith("-") ? ("deleted" as const) : ("modified" as const),
        added: 1,
        removed: 1,
      })),
    },
    name,
    signal,
  )
}
const lines = async (...request: Parameters<typeof pick>) =>
  (await pick(...request))?.commands.map(({ line, folder }) =>
    folder === "" ? line : `${folder}: ${line}`,
  ) ?? null

const vitestRoot = {
  "package.json": json({ scripts: { test: "vitest run" }, devDependencies: { vitest: "1" } }),
}

test("the file's own commands come first, with quoted files", async () => {
  const settings = { targeted: "run-some {files}", all: "run-all" }
  expect(await lines(vitestRoot, ["a b.ts", "it's.ts", "-gone.ts"], "targeted", settings)).toEqual([
    "run-some 'a b.ts' 'it'\\''s.ts'",
  ])
  expect(await lines(vitestRoot, ["a.ts"], "all", settings)).toEqual(["run-all"])
  expect(await lines(vitestRoot, ["-gone.ts"], "targeted", settings)).toBeNull()
})

test.each<[string, Record<string, string>, string[], string[] | null]>([
  ["vitest", vitestRoot, ["src/a.ts", "src/b.ts"], ["npx vitest related --run src/a.ts src/b.ts"]],
  [
    "vitest of a package",
    { ...vitestRoot, "packages/a/package.json": json({ devDependencies: { vitest: "1" } }) },
    ["packages/a/src/x.ts"],
    ["packages/a: npx vitest related --run src/x.ts"],
  ],
  [
    "a package that leaves it to the root",
    { ...vitestRoot, "packages/a/package.json": json({ name: "a" }) },
    ["packages/a/src/x.ts"],
    ["npx vitest related --run packages/a/src/x.ts"],
  ],
  [
    "jest",
    { "package.json": json({ devDependencies: { jest: "1" } }) },
    ["a.js"],
    ["npx jest --findRelatedTests a.js --passWithNoTests"],
  ],
  [
    "node:test by the files' names",
    {
      "package.json": json({ scripts: { test: "node --import tsx --test 'test/**/*.ts'" } }),
      "test/a.test.ts": "",
      "src/__tests__/b.test.js": "",
    },
    ["src/a.ts", "src/b.ts", "test/c.test.ts"],
    ["node --import tsx --test src/__tests__/b.test.js test/a.test.ts test/c.test.ts"],
  ],
  [
    "node:test with no test beside",
    { "package.json": json({ scripts: { test: "node --test" } }) },
    ["src/a.js"],
    null,
  ],
  [
    "pytest",
    { "pytest.ini": "", "tests/pkg/test_mod.py": "", "tests/test_other.py": "" },
    ["src/pkg/mod.py", "other.py", "tests/conftest.py"],
    ["python3 -m pytest tests/pkg/test_mod.py tests/test_other.py"],
  ],
  [
    "pytest of a virtual environment",
    { "svc/pyproject.toml": "[tool.pytest]", ".venv/bin/python": "" },
    ["svc/test_a.py"],
    ["svc: ../.venv/bin/python -m pytest test_a.py"],
  ],
  ["go", { "go.mod": "" }, ["a/x.go", "a/y.go", "main.go", "README.md"], ["go test ./a ./."]],
  [
    "cargo",
    { "Cargo.toml": "", "crates/a/Cargo.toml": "" },
    ["crates/a/src/lib.rs"],
    ["crates/a: cargo test"],
  ],
  [
    "two languages",
    { ...vitestRoot, "api/go.mod": "" },
    ["web/a.ts", "api/b.go"],
    ["npx vitest related --run web/a.ts", "api: go test ./."],
  ],
  ["nothing that has tests", vitestRoot, ["README.md"], null],
  ["no suite at all", {}, ["a.ts"], null],
])("targeted: %s", async (_, files, changed, expected) => {
  expect(await lines(files, changed, "targeted")).toEqual(expected)
})

test("packages: those of the changed and deleted files, each once, and never the root", async () => {
  const files = {
    ...vitestRoot,
    "pnpm-lock.yaml": "",
    "packages/a/package.json": json({ scripts: { test: "vitest run" } }),
    "packages/b/package.json": json({ scripts: { test: "mocha" } }),
  }
  expect(
    await lines(files, ["packages/a/x.ts", "-packages/a/y.ts", "packages/b/z.js", "src/root.ts"], "packages"),
  ).toEqual(["packages/a: pnpm test", "packages/b: pnpm test"])
  expect(await lines({ "go.mod": "" }, ["pkg/deep/x.go", "main.go"], "packages")).toEqual([
    "go test ./pkg/...",
  ])
})

test("all: what the root has, each language; the script that npm writes is none", async () => {
  expect(await lines({ ...vitestRoot, "go.mod": "", "pytest.ini": "" }, [], "all")).toEqual([
    "npm test",
    "python3 -m pytest",
    "go test ./...",
  ])
  const empty = { "package.json": json({ scripts: { test: 'echo "Error: no test specified" && exit 1' } }) }
  expect(await lines(empty, [], "all")).toBeNull()
})

test("a package.json that is no JSON is no suite", async () => {
  expect(await lines({ "package.json": "{" }, ["a.ts"], "targeted")).toBeNull()
})
