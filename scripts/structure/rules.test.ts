import { expect, test } from "vitest"
import { breaches, importsOf } from "./rules.ts"

const messages = (path: string, text: string): string[] =>
  breaches({ path, text }).map(breach => breach.message)

test("imports are found in every form that our code uses", () => {
  const text = `import { a } from "a"\nexport {\n  b,\n} from "b"\nimport "c"\nconst d = await import("d")\nimport type { E } from "e"\n`
  expect(importsOf(text).map(found => found.name)).toEqual(["a", "b", "c", "d", "e"])
})

test.each([
  ["packages/protocol/src/x.ts", "@twolane/common", ["protocol must not import common"]],
  ["packages/common/src/x.ts", "@twolane/agent", ["common must not import agent"]],
  ["packages/store/src/x.ts", "@twolane/workspace", ["store must not import workspace"]],
  ["packages/store/src/x.ts", "@twolane/turns", ["store must not import turns"]],
  ["packages/turns/src/x.ts", "@twolane/store", []],
  ["packages/client/src/x.ts", "@twolane/common", ["client must not import common"]],
  ["packages/workspace/src/x.ts", "@twolane/agent", []],
  ["packages/workspace/test/x.test.ts", "@twolane/testkit", []],
  ["apps/gateway/src/x.ts", "@twolane/store", []],
  ["apps/dashboard/src/x.tsx", "@twolane/store", ["dashboard must not import store"]],
  ["apps/dashboard/src/x.tsx", "@twolane/client", []],
  ["apps/gateway/src/x.ts", "@twolane/testkit", ["imports testkit, which is for tests"]],
  [
    "apps/gateway/src/x.ts",
    "@twolane/deep-worker",
    ["imports the app deep-worker; apps never import each other"],
  ],
  ["apps/cli/src/up/sample.ts", "@twolane/testkit", []],
  [
    "packages/agent/src/model/port.ts",
    "node:child_process",
    ["starts processes; only git, hand, jail, keeper and the supervisor may"],
  ],
  ["packages/workspace/src/git/git.ts", "node:child_process", []],
])("%s that imports %s breaks: %j", (path, name, expected) => {
  expect(messages(path, `import { x } from "${name}"\n`)).toEqual(expected)
})

test("an import by path that leaves its package is a breach", () => {
  expect(messages("apps/cli/src/a.ts", `import { x } from "../../gateway/src/b.ts"`)).toEqual([
    "imports apps/gateway/src/b.ts by path; import packages by name, and no app imports another",
  ])
  expect(messages("apps/cli/test/a.test.ts", `import { x } from "../src/b.ts"`)).toEqual([])
})

test("a file of more than 300 lines is a breach, a generated one is not", () => {
  const text = "x\n".repeat(301)
  expect(messages("packages/client/src/a.ts", text)).toEqual(["has 301 lines; 300 is the most"])
  expect(messages("packages/client/src/api.generated.ts", text)).toEqual([])
})

test("the environment is read in one place, and notes name an issue", () => {
  expect(messages("apps/gateway/src/a.ts", "const x = process.env.HOME")).toHaveLength(1)
  expect(messages("packages/common/src/config-host.ts", "const x = process.env.HOME")).toEqual([])
  expect(messages("apps/gateway/src/a.ts", `// ${"TO"}DO mend this`)).toHaveLength(1)
  expect(messages("apps/gateway/src/a.ts", `// ${"TO"}DO(#12) mend this`)).toEqual([])
})
