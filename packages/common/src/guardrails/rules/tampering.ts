import type { ChangedFile } from "../changed-file.ts"
import { coverageExceptions, missing, type TestFacts, testFacts } from "../tests/facts.ts"
import { isTestFile, mayHoldTests } from "../tests/languages.ts"
import { changedSettings } from "../tests/settings.ts"
import type { Finding } from "../trip.ts"

const rule = "testTampering"

/** One file's tests at the base and now. */
type Compared = { file: ChangedFile; before: TestFacts; after: TestFacts; lost: string[] }

/**
 * What weakens the tests: a test file or case that is gone or no longer where a runner looks, `skip`, `only` and
 * `todo` marks added, fewer assertions, snapshots changed, settings of tests, coverage or CI changed. A case that is
 * found in another file of the change was moved, which is no harm.
 */
export function findTampering(files: readonly ChangedFile[]): Finding[] {
  const compared = files.map(compare)
  const gained = compared.flatMap(({ before, after }) => missing(after.cases, before.cases))
  const lost = missing(
    compared.flatMap(one => one.lost),
    gained,
  )
  return [...compared.flatMap(one => judgeFile(one, compared, lost)), ...files.flatMap(judgeSettings)]
}

function compare(file: ChangedFile): Compared {
  const from = file.from ?? file.path
  const facts = (path: string, text: string | null): TestFacts =>
    testFacts(path, mayHoldTests(path) || text?.includes("import.meta.vitest") ? text : null)
  const before = facts(from, file.before)
  const after = facts(file.path, file.after)
  return { file, before, after, lost: missing(before.cases, after.cases) }
}

function judgeFile(one: Compared, all: readonly Compared[], lostInAll: readonly string[]): Finding[] {
  const { file, before, after } = one
  const find = (detail: string): Finding => ({ rule, path: file.path, detail })
  const findings: Finding[] = []
  const lost = one.lost.filter(name => lostInAll.includes(name))
  const gone = isTestFile(file.from ?? file.path) && (file.after === null || !isTestFile(file.path))
  if (lost.length > 0) findings.push(find(`tests are removed or renamed: ${listed(lost)}`))
  else if (gone && before.cases.length === 0) findings.push(find("a test file is removed or renamed away"))
  if (after.disabled > before.disabled) findings.push(find("a skip, only or todo mark is added"))
  const movedOut = one.lost.length > 0 && lost.length === 0
  if (movedOut ? fewerInAll(all) : lost.length === 0 && after.assertions < before.assertions)
    findings.push(find(`there are ${before.assertions - after.assertions} fewer assertions`))
  if (missing(before.snapshots, after.snapshots).length > 0 && lost.length === 0)
    findings.push(find("an inline snapshot is changed"))
  return findings
}

const fewerInAll = (all: readonly Compared[]): boolean =>
  all.reduce((sum, { before, after }) => sum + after.assertions - before.assertions, 0) < 0

function judgeSettings(file: ChangedFile): Finding[] {
  const details: string[] = []
  if (file.before !== null && isSnapshot(file.from ?? file.path) && file.before !== file.after)
    details.push("a snapshot is changed")
  const settings = changedSettings(file)
  if (settings !== null) details.push(settings)
  if (coverageExceptions(file.after) > coverageExceptions(file.before))
    details.push("code is taken out of the coverage")
  return details.map(detail => ({ rule, path: file.path, detail }))
}

const isSnapshot = (path: string): boolean =>
  /\.snap(?:\.\w+)?$|(?:^|\/)__(?:image_)?snapshots__\//.test(path)

function listed(names: readonly string[]): string {
  const shown = names.slice(0, 5).map(name => `'${name.length > 100 ? `${name.slice(0, 100)}…` : name}'`)
  return names.length > 5 ? `${shown.join(", ")} and ${names.length - 5} more` : shown.join(", ")
}
