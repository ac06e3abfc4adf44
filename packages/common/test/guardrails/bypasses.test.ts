import { expect, test } from "vitest"
import type { ChangedFile } from "../../src/guardrails/changed-file.ts"
import { judgeChange, judgePatch } from "../../src/guardrails/judge.ts"
import { edit, lines, manifest, policy, testFile } from "./make.ts"

/** What a model can do to get around a rule, and the rules that must trip (all of them). */
const bypasses: [string, ChangedFile[], string[]][] = [
  ["a plain edit", [edit("src/a.ts", "1\n", "2\n")], []],
  ["twolane.yaml edited", [edit("twolane.yaml", "a: 1\n", "a: 2\n")], ["protected"]],
  ["twolane.yaml deleted", [edit("twolane.yaml", "a: 1\n", null)], ["protected"]],
  [
    "a protected file renamed away",
    [edit("other.yaml", "a: 1\n", "a: 1\n", { from: "twolane.yaml" })],
    ["protected"],
  ],
  [
    "a protected file copied and deleted",
    [edit("twolane.yaml", "a: 1\n", null), edit("b.yaml", null, "a: 1\n")],
    ["protected"],
  ],
  [
    "chmod of a protected file",
    [edit("twolane.yaml", "a", "a", { oldMode: "100644", newMode: "100755" })],
    ["protected"],
  ],
  [".gitattributes in a folder", [edit("src/.gitattributes", null, "* filter=x\n")], ["protected"]],
  [".gitmodules in another case", [edit(".GitModules", null, "x\n")], ["protected"]],
  [
    "a workflow",
    [edit(".github/workflows/ci.yml", "on: push\n", "on: pull_request\n")],
    ["protected", "testTampering"],
  ],
  [
    "a symlink swapped in, leading out",
    [edit("src/a.ts", "1\n", "../../etc/passwd", { oldMode: "100644", newMode: "120000" })],
    ["links"],
  ],
  ["an absolute symlink", [edit("a", null, "/etc/passwd", { newMode: "120000" })], ["links"]],
  ["a symlink up from the root", [edit("a", null, "..", { newMode: "120000" })], ["links"]],
  [
    "a symlink that climbs through another",
    [edit("a", null, "sub/link/../../x", { newMode: "120000" })],
    ["links"],
  ],
  ["a symlink into .git", [edit("a", null, ".git/hooks", { newMode: "120000" })], ["links"]],
  ["a symlink that stays inside", [edit("src/a", null, "../lib/b", { newMode: "120000" })], []],
  ["a submodule bump", [edit("vendor/x", "a1", "b2", { oldMode: "160000", newMode: "160000" })], ["links"]],
  ["a gitlink", [edit("vendor/x", null, null, { newMode: "160000" })], ["links"]],
  ["a nested repository", [edit("x/.git/config", null, "[core]\n")], ["links"]],
  ["a nested repository in disguise", [edit("x/GIT~1/config", null, "[core]\n")], ["links"]],
  [
    "a text file made binary",
    [edit("src/a.ts", "1\n", null, { binary: true, change: "modified" })],
    ["binary"],
  ],
  ["line ends only", [edit("src/a.ts", lines(50), lines(50).replaceAll("\n", "\r\n"))], ["maxChangedLines"]],
  ["four files", ["a", "b", "c", "d"].map(path => edit(path, null, "1\n")), ["maxFiles"]],
  [
    "a new dependency",
    [edit("package.json", manifest({}), manifest({ "left-pad": "^1.0.0" }))],
    ["newDependencies"],
  ],
  [
    "another version",
    [edit("package.json", manifest({ a: "^1" }), manifest({ a: "npm:b@1" }))],
    ["newDependencies"],
  ],
  ["a removed dependency", [edit("package.json", manifest({ a: "^1" }), manifest({}))], []],
  ["a new manifest", [edit("pkg/package.json", null, manifest({ a: "1" }))], ["newDependencies"]],
  [
    "a manifest that is no JSON",
    [edit("package.json", manifest({}), "{")],
    ["newDependencies", "testTampering"],
  ],
  ["requirements.txt", [edit("requirements-dev.txt", "a==1\n", "a==1\nB_c >= 2 # x\n")], ["newDependencies"]],
  [
    "requirements from elsewhere",
    [edit("requirements.txt", "a==1\n", "--index-url http://x\na==1\n")],
    ["newDependencies"],
  ],
  [
    "pyproject.toml",
    [edit("pyproject.toml", "[project]\ndependencies = []\n", '[project]\ndependencies = [\n "x>=1",\n]\n')],
    ["newDependencies"],
  ],
  [
    "Cargo.toml",
    [edit("a/Cargo.toml", "[dependencies]\n", '[target.x.dependencies]\nserde = "1"\n')],
    ["newDependencies"],
  ],
  [
    "a crate of the repository",
    [edit("Cargo.toml", "[dependencies]\n", '[dependencies]\nmine = { path = "mine" }\n')],
    [],
  ],
  [
    "go.mod",
    [edit("go.mod", "module a\n", "module a\nrequire (\n\tx.y/z v1.0.0 // indirect\n)\n")],
    ["newDependencies"],
  ],
  [
    "a lockfile alone",
    [edit("package-lock.json", '{"a":"registry"}\n', '{"a":"evil"}\n')],
    ["newDependencies"],
  ],
  [
    "a lockfile with its manifest, in a monorepo",
    [
      edit("packages/a/package.json", manifest({}), manifest({ x: "1" })),
      edit("package-lock.json", "1\n", `2\n${lines(500)}`),
    ],
    ["newDependencies"],
  ],
  [
    "a lockfile that shrinks with its manifest",
    [edit("package.json", manifest({ a: "1" }), manifest({})), edit("package-lock.json", "a\nb\n", "b\n")],
    [],
  ],
  [
    "a lockfile that hides behind a removed dependency",
    [edit("package.json", manifest({ a: "1" }), manifest({})), edit("package-lock.json", "a\nb\n", "evil\n")],
    ["newDependencies"],
  ],
  [".npmrc", [edit(".npmrc", null, "registry=http://x\n")], ["newDependencies"]],
  [
    "package.json scripts",
    [edit("package.json", manifest({}), manifest({}, { test: "true" }))],
    ["testTampering"],
  ],
  ["a test file deleted", [edit("a.test.ts", testFile, null)], ["testTampering"]],
  [
    "a test file renamed away",
    [edit("a.ts.old", testFile, testFile, { from: "a.test.ts" })],
    ["testTampering"],
  ],
  [
    "a test file copied away and deleted",
    [edit("a.test.ts", testFile, null), edit("a.txt", null, testFile)],
    ["testTampering"],
  ],
  ["a test file moved", [edit("b/a.test.ts", testFile, testFile, { from: "a.test.ts" })], []],
  [
    "a test file made binary",
    [edit("a.test.ts", testFile, null, { binary: true, change: "modified" })],
    ["binary", "testTampering"],
  ],
  [
    "a test file made a symlink",
    [edit("a.test.ts", testFile, "other.ts", { oldMode: "100644", newMode: "120000" })],
    ["testTampering"],
  ],
  ["a case removed", [edit("a.test.ts", testFile, testFile.replace(/\ntest.*/, ""))], ["testTampering"]],
  [
    "a case commented out",
    [edit("a.test.ts", testFile, testFile.replace("\ntest", "\n// test"))],
    ["testTampering"],
  ],
  [
    "a case renamed",
    [edit("a.test.ts", testFile, testFile.replace("takes away", "other"))],
    ["testTampering"],
  ],
  [
    "a case moved to another file",
    [
      edit("a.test.ts", testFile, testFile.replace(/\ntest.*/, "")),
      edit("b.test.ts", null, testFile.replace(/.*\n/, "")),
    ],
    [],
  ],
  [
    "a case moved and emptied",
    [
      edit("a.test.ts", testFile, testFile.replace(/\ntest.*/, "")),
      edit("b.test.ts", null, 'test("takes away", () => {})\n'),
    ],
    ["testTampering"],
  ],
  [
    "a case added",
    [edit("a.test.ts", testFile, `${testFile}test("more", () => { expect(1).toBe(1) })\n`)],
    [],
  ],
  ["skip", [edit("a.test.ts", testFile, testFile.replace("test(", "test.skip("))], ["testTampering"]],
  ["only", [edit("a.test.ts", testFile, testFile.replace("test(", "test.only("))], ["testTampering"]],
  ["todo", [edit("a.test.ts", testFile, testFile.replace("test(", "test.todo("))], ["testTampering"]],
  [
    "skip as an option",
    [edit("a.test.ts", testFile, testFile.replace('"adds", ', '"adds", { skip: true }, '))],
    ["testTampering"],
  ],
  ["a skip in a new test", [edit("n.test.ts", null, 'test.skip("n", () => {})\n')], ["testTampering"]],
  [
    "an assertion removed",
    [edit("a.test.ts", testFile, testFile.replace("; expect(add(0, 0)).toBe(0)", ""))],
    ["testTampering"],
  ],
  [
    "an assertion without its matcher",
    [edit("a.test.ts", testFile, testFile.replace(".toBe(3)", ""))],
    ["testTampering"],
  ],
  [
    "Python: skip",
    [edit("test_a.py", "def test_a():\n    assert 1\n", "@pytest.mark.skip\ndef test_a():\n    assert 1\n")],
    ["testTampering"],
  ],
  [
    "Python: a case in a string",
    [edit("test_a.py", "def test_a():\n    assert 1\n", '"""\ndef test_a():\n    assert 1\n"""\n')],
    ["testTampering"],
  ],
  [
    "Go: skip",
    [edit("a_test.go", "func TestA(t *testing.T) {\n}\n", "func TestA(t *testing.T) {\n\tt.Skip()\n}\n")],
    ["testTampering"],
  ],
  [
    "Go: a build tag",
    [
      edit(
        "a_test.go",
        "package a\nfunc TestA(t *testing.T) {}\n",
        "//go:build never\npackage a\nfunc TestA(t *testing.T) {}\n",
      ),
    ],
    ["testTampering"],
  ],
  [
    "Rust: an inline test ignored",
    [
      edit(
        "src/a.rs",
        "#[test]\nfn a() { assert!(true) }\n",
        "#[test]\n#[ignore]\nfn a() { assert!(true) }\n",
      ),
    ],
    ["testTampering"],
  ],
  [
    "Rust: an inline test removed",
    [edit("src/a.rs", "#[test]\nfn a() { assert!(true) }\n", "\n")],
    ["testTampering"],
  ],
  ["a snapshot changed", [edit("__snapshots__/a.test.ts.snap", "1\n", "2\n")], ["testTampering"]],
  ["a snapshot added", [edit("__snapshots__/b.test.ts.snap", null, "1\n")], []],
  [
    "an inline snapshot changed",
    [edit("a.test.ts", "expect(a).toMatchInlineSnapshot(`1`)\n", "expect(a).toMatchInlineSnapshot(`2`)\n")],
    ["testTampering"],
  ],
  ["the runner's settings", [edit("vitest.config.ts", "1\n", "2\n")], ["testTampering"]],
  ["the coverage's settings", [edit(".nycrc.json", "1\n", "2\n")], ["testTampering"]],
  [
    "code taken out of the coverage",
    [edit("src/a.ts", "f()\n", "/* v8 ignore next */\nf()\n")],
    ["testTampering"],
  ],
  [
    "pytest's settings",
    [edit("pyproject.toml", "[tool.pytest.ini_options]\na = 1\n", "[tool.pytest.ini_options]\na = 2\n")],
    ["testTampering"],
  ],
  ["a hook", [edit(".husky/pre-push", "npm test\n", "true\n")], ["testTampering"]],
]

test.each(bypasses)("%s", async (_, files, rules) => {
  const fast = policy("fast")
  expect([...new Set((await judgeChange(fast, files)).map(trip => trip.rule))].sort()).toEqual(rules.sort())
  expect([...new Set(judgePatch(fast, files, []).map(trip => trip.rule))].sort()).toEqual(rules)
})
