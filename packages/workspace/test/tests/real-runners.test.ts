import type { FileChange } from "@twolane/protocol"
import { hasProgram } from "@twolane/testkit"
import { expect, test } from "vitest"
import { runTests, type TestsRequest } from "../../src/tests/run-tests.ts"
import { makeRoom } from "./local-room.ts"

/** A repository whose change is one file, its command for all tests, and what its runner finds. */
type Runner = { program: string; changed: string; files: Record<string, string>; failures: string[] }

const runners: Record<string, Runner> = {
  go: {
    program: "go",
    changed: "sum/sum.go",
    files: {
      "go.mod": "module example.com/app\n\ngo 1.19\n",
      "sum/sum.go": "package sum\n\nfunc Add(a, b int) int { return a * b }\n",
      "sum/sum_test.go":
        'package sum\n\nimport "testing"\n\nfunc TestAdd(t *testing.T) {\n\tif Add(1, 2) != 3 {\n\t\tt.Error("wrong")\n\t}\n}\n\nfunc TestOne(t *testing.T) {}\n',
    },
    failures: ["example.com/app/sum > TestAdd"],
  },
  pytest: {
    program: "pytest",
    changed: "app/sums.py",
    files: {
      "pyproject.toml": '[tool.pytest.ini_options]\ntestpaths = ["tests"]\n',
      "app/__init__.py": "",
      "app/sums.py": "def add(a, b):\n    return a * b\n",
      "tests/test_sums.py":
        "import os, sys\nsys.path.insert(0, os.getcwd())\nfrom app.sums import add\n\ndef test_add():\n    assert add(1, 2) == 3\n\ndef test_one():\n    assert True\n",
    },
    failures: ["tests/test_sums.py > test_add"],
  },
  cargo: {
    program: "cargo",
    changed: "src/lib.rs",
    files: {
      "Cargo.toml": '[package]\nname = "sums"\nversion = "0.1.0"\nedition = "2021"\n',
      "src/lib.rs":
        "pub fn add(a: i32, b: i32) -> i32 { a * b }\n\n#[cfg(test)]\nmod tests {\n    #[test]\n    fn adds() { assert_eq!(super::add(1, 2), 3); }\n    #[test]\n    fn one() {}\n}\n",
    },
    failures: ["src/lib.rs > tests > adds"],
  },
}

for (const [name, { program, changed, files, failures }] of Object.entries(runners)) {
  test.runIf(hasProgram(program))(
    `a real ${name} is run for a change, and its own report read (needs ${program})`,
    async () => {
      await using room = await makeRoom(files)
      const request: TestsRequest = {
        room,
        settings: { timeoutMs: 60_000 },
        changed: [{ path: changed, change: "modified", added: 1, removed: 1 } satisfies FileChange],
        selection: "targeted",
        firstRed: false,
        wholeSuiteMs: null,
        atBase: () => Promise.reject(new Error("the base is not asked for")),
        onStart: () => undefined,
      }
      const found = await runTests(request, new AbortController().signal)
      expect(found).toMatchObject({ status: "failed", passed: 1, failed: 1, failures })
    },
    90_000,
  )
}
