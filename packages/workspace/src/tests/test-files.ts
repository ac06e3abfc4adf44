import { posix } from "node:path"
import type { TestRoom } from "./room.ts"
import type { Suite } from "./suites.ts"

const isTest: Readonly<Record<"node:test" | "pytest", RegExp>> = {
  "node:test": /(?:^|\/)(?:[^/]+[.\-_]test|test-[^/]+|test)\.[cm]?[jt]s$|(?:^|\/)test\/.*\.[cm]?[jt]s$/,
  pytest: /(?:^|\/)(?:test_[^/]*|[^/]*_test)\.py$/,
}

/**
 * The test files that go with changed files, for runners that can't tell by themselves: those that changed, and those
 * that are named after a changed file, beside it or in a folder of tests. Paths are relative to the suite's folder.
 */
export async function testsBeside(
  room: TestRoom,
  suite: Suite,
  files: readonly string[],
  signal: AbortSignal,
): Promise<string[]> {
  const kind = suite.runner === "pytest" ? "pytest" : "node:test"
  const found = new Set<string>()
  for (const file of files) {
    if (isTest[kind].test(file)) found.add(file)
    else
      for (const candidate of kind === "pytest" ? pythonCandidates(file) : jsCandidates(file))
        if (await room.exists(posix.join(suite.folder, candidate), signal)) found.add(candidate)
  }
  return [...found].sort()
}

/** `src/a/b.ts`: `src/a/b.test.ts`, `src/a/__tests__/b.test.ts`, `test/a/b.test.ts`, `test/b.test.ts`, … */
function jsCandidates(file: string): string[] {
  const { dir, name, ext } = posix.parse(file)
  if (!/^\.[cm]?[jt]sx?$/.test(ext)) return []
  const extensions = [
    ...new Set([ext, ext.replace("ts", "js"), ext.replace("js", "ts"), ".mjs", ".js", ".ts"]),
  ]
  return testFolders(dir).flatMap(folder =>
    extensions.flatMap(extension =>
      [`${name}.test`, `${name}-test`, `${name}_test`, `test-${name}`]
        .concat(/(?:^|\/)test$/.test(folder) ? [name] : [])
        .map(test => posix.join(folder, test + extension)),
    ),
  )
}

/** `src/pkg/mod.py`: `src/pkg/test_mod.py`, `tests/pkg/test_mod.py`, `tests/test_mod.py`, `tests/unit/test_mod.py`, … */
function pythonCandidates(file: string): string[] {
  const { dir, name, ext } = posix.parse(file)
  if (ext !== ".py") return []
  const tested = name === "__init__" ? posix.basename(dir) : name
  return testFolders(dir).flatMap(folder =>
    [`test_${tested}.py`, `${tested}_test.py`].map(test => posix.join(folder, test)),
  )
}

/** Beside the file, in a folder of tests there, and in one at the root with the same or a shorter way down. */
function testFolders(dir: string): string[] {
  const parts = dir.split("/").filter(part => part !== "")
  const tails = parts.map((_, n) => parts.slice(n).join("/")).concat("")
  const roots = ["test", "tests", "tests/unit", "test/unit"]
  return [
    dir,
    ...["__tests__", "test", "tests"].map(name => posix.join(dir, name)),
    ...roots.flatMap(root => tails.map(tail => posix.join(root, tail))),
  ]
}
