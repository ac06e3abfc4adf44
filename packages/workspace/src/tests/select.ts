import { posix } from "node:path"
import type { RepoFile } from "@twolane/common/guardrails/repo-file"
import type { FileChange } from "@twolane/protocol"
import type { TestCommand } from "./execute.ts"
import { optionsOf } from "./instrument.ts"
import type { TestRoom } from "./room.ts"
import { shellQuote } from "./shell-words.ts"
import { createSuites, foldersAbove, type Suite, type Suites } from "./suites.ts"
import { testsBeside } from "./test-files.ts"

/** How much is run: the tests of the changed files, of the packages they are in, or all. */
export type SelectionName = "targeted" | "packages" | "all"

/** Which tests to run, as commands; `files` are the changed files that they stand for. */
export type Selection = { name: SelectionName; commands: TestCommand[]; files: string[] }

/** What selections are made from. */
export type SelectFrom = {
  room: TestRoom
  settings: RepoFile["test"]
  /** What changed since the base. */
  changed: readonly FileChange[]
}

/** Makes one selection; null where it has no command. */
export async function select(
  from: SelectFrom,
  name: SelectionName,
  signal: AbortSignal,
): Promise<Selection | null> {
  const suites = createSuites(from.room, signal)
  const files = await filesThere(from, signal)
  const commands = await makers[name]({ ...from, suites, files }, signal)
  return commands.length === 0 ? null : { name, commands: unlike(commands), files }
}

type Making = SelectFrom & { suites: Suites; files: string[] }

const makers: Readonly<
  Record<SelectionName, (making: Making, signal: AbortSignal) => Promise<TestCommand[]>>
> = {
  targeted: targetedCommands,
  packages: packageCommands,
  all: allCommands,
}

/** Changed files that are in the room: at the base, new ones are not. */
async function filesThere({ room, changed }: SelectFrom, signal: AbortSignal): Promise<string[]> {
  const there = await Promise.all(
    changed
      .filter(file => file.change !== "deleted")
      .map(async file => ({ file, found: await room.exists(file.path, signal) })),
  )
  return there.filter(({ found }) => found).map(({ file }) => file.path)
}

async function targetedCommands(
  { room, settings, files, suites }: Making,
  signal: AbortSignal,
): Promise<TestCommand[]> {
  if (files.length === 0) return []
  if (settings.targeted !== undefined)
    return [{ line: settings.targeted.replaceAll("{files}", files.map(shellQuote).join(" ")), folder: "" }]
  const commands: TestCommand[] = []
  for (const [suite, own] of await groupBySuite(files, suites)) {
    const line = await targetedLine(room, suite, own, signal)
    if (line !== null) commands.push({ line, folder: suite.folder })
  }
  return commands
}

async function groupBySuite(files: readonly string[], suites: Suites): Promise<Map<Suite, string[]>> {
  const groups = new Map<Suite, string[]>()
  for (const file of files) {
    const suite = await suites.ofFile(file)
    if (suite) groups.set(suite, [...(groups.get(suite) ?? []), file])
  }
  return groups
}

async function targetedLine(
  room: TestRoom,
  suite: Suite,
  files: readonly string[],
  signal: AbortSignal,
): Promise<string | null> {
  const inSuite = files.map(file => posix.relative(suite.folder, file))
  const all = inSuite.map(shellQuote).join(" ")
  switch (suite.runner) {
    case "vitest":
      return `npx vitest related --run ${all}`
    case "jest":
      return `npx jest --findRelatedTests ${all} --passWithNoTests`
    case "go": {
      const folders = new Set(inSuite.filter(file => file.endsWith(".go")).map(file => posix.dirname(file)))
      return folders.size === 0
        ? null
        : `go test ${[...folders].map(folder => shellQuote(`./${folder}`)).join(" ")}`
    }
    case "cargo":
      return suite.all
    case "node:test":
    case "pytest": {
      const tests = await testsBeside(room, suite, inSuite, signal)
      if (tests.length === 0) return null
      const start =
        suite.runner === "pytest" ? suite.all : (optionsOf(suite.script ?? "")?.join(" ") ?? "node --test")
      return `${start} ${tests.map(shellQuote).join(" ")}`
    }
    case "unknown":
      return null
    default:
      return suite.runner satisfies never
  }
}

/** All tests of the packages that the change touches; the root is no package. */
async function packageCommands({ changed, suites }: Making): Promise<TestCommand[]> {
  const commands: TestCommand[] = []
  for (const path of changed.flatMap(file => [file.path, file.from ?? file.path])) {
    const suite = await suites.ofFile(path)
    if (suite?.all && suite.folder !== "") commands.push({ line: suite.all, folder: suite.folder })
    else if (suite?.runner === "go" && path.includes("/")) {
      const top = foldersAbove(path).at(-2) ?? ""
      commands.push({ line: `go test ${shellQuote(`./${top}/...`)}`, folder: "" })
    }
  }
  return commands
}

async function allCommands({ settings, suites }: Making): Promise<TestCommand[]> {
  if (settings.all !== undefined) return [{ line: settings.all, folder: "" }]
  return (await suites.ofRoot()).flatMap(({ all, folder }) => (all === null ? [] : [{ line: all, folder }]))
}

const unlike = (commands: readonly TestCommand[]): TestCommand[] =>
  commands.filter(
    (one, n) => commands.findIndex(other => other.line === one.line && other.folder === one.folder) === n,
  )
