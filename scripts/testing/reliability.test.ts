import { existsSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { expect, test } from "vitest"

const root = join(import.meta.dirname, "../..")
const tables = readFileSync(join(root, "docs/reliability.md"), "utf8")
  .split("\n")
  .filter(line => line.startsWith("| "))
const rows = tables.filter(line => /^\| I\d+ \|/.test(line))

/** Each test that a row of any table names: its file, and its name or a part of it. */
const named = tables.flatMap(row =>
  [...row.matchAll(/`([\w/.-]+\.test\.ts)`((?:[:,] "[^"]+")*)/g)].flatMap(([, file = "", names = ""]) =>
    [...names.matchAll(/"([^"]+)"/g)].map(([, name = ""]) => ({ file, name })),
  ),
)

test("the page of reliability has a row for each promise", () => {
  expect(rows.map(row => /^\| (I\d+)/.exec(row)?.[1])).toEqual(
    Array.from({ length: 32 }, (_, index) => `I${index + 1}`),
  )
})

test("each test that the page of reliability names is there", () => {
  expect(named.length).toBeGreaterThan(80)
  const gone = named.filter(({ file, name }) => {
    const path = join(root, file)
    return !existsSync(path) || !readFileSync(path, "utf8").includes(name)
  })
  expect(gone).toEqual([])
})
