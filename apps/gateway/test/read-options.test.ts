import { spawnSync } from "node:child_process"
import { join } from "node:path"
import { expect, test } from "vitest"

const run = (suite: string, ...args: string[]) => {
  const path = join(import.meta.dirname, suite, "run.ts")
  const { status, stdout, stderr } = spawnSync(process.execPath, [path, ...args], { encoding: "utf8" })
  return { status, stdout, stderr }
}

test.each([
  ["chaos", ["minutes", "seed", "faults", "does", "keep"]],
  ["load", ["queued", "watchers", "streams", "minutes"]],
  ["mutations", ["only"]],
])("the suite %s says what its options are, and what is wrong with others", (suite, options) => {
  const help = run(suite, "--help")
  expect([help.status, help.stderr]).toEqual([0, ""])
  expect([...help.stdout.matchAll(/^ {2}--(\w+) </gm)].map(([, name]) => name)).toEqual(options)
  const wrong = run(suite, "--speed", "9")
  expect([wrong.status, wrong.stdout]).toEqual([2, ""])
  expect(wrong.stderr).toMatch(/^Unknown option '--speed'[\s\S]*Usage: npm run test:/)
})

test("a kind of fault that there is not is no run without faults", () => {
  expect(run("chaos", "--faults", "kill,kil")).toEqual({
    status: 2,
    stdout: "",
    stderr: 'there is no "kil" (see --help)\n',
  })
})
