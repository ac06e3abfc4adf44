import { z } from "zod"
import { type ReadReport, type TestFailure, testName } from "./report.ts"

const Line = z.object({
  Action: z.string(),
  Package: z.string().optional(),
  ImportPath: z.string().optional(),
  Test: z.string().optional(),
  Output: z.string().optional(),
  FailedBuild: z.string().optional(),
})
type Line = z.infer<typeof Line>

/** What `go test -json` writes: a line for each step of each test. Only the innermost tests count. */
export const readGoJson: ReadReport = ({ text }) => {
  const lines = text.split("\n").flatMap(parseLine)
  const builds = readBuilds(text)
  if (lines.length === 0 && builds.failed.length === 0) return null
  const outputs = new Map<string, string>()
  const ends = new Map<string, Line>()
  for (const line of lines) {
    const key = keyOf(line)
    if (line.Output !== undefined) outputs.set(key, (outputs.get(key) ?? "") + line.Output)
    if (["pass", "fail", "skip", "build-fail"].includes(line.Action)) ends.set(key, line)
  }
  const tests = [...ends].filter(([, line]) => line.Test !== undefined)
  const parents = new Set(tests.flatMap(([, line]) => parentsOf(line)))
  const inner = tests.filter(([key]) => !parents.has(key))
  const failures = inner
    .filter(([, line]) => line.Action === "fail")
    .map(([key, line]) => failureOf(line, outputs.get(key)))
  const ended = [...ends.values()]
  failures.push(...packageFailures(ended, failures, { outputs, builds: builds.said }))
  const told = new Set(ended.map(line => line.Package))
  for (const name of builds.failed)
    if (!told.has(name)) failures.push({ name, message: (builds.said.get(name) ?? "").trim() })
  const count = (action: string): number => inner.filter(([, line]) => line.Action === action).length
  return { passed: count("pass"), skipped: count("skip"), failed: failures.length, failures }
}

/** The output as a person would have seen it. */
export function goOutput(text: string): string {
  return text
    .split("\n")
    .map(line => {
      const [parsed] = parseLine(line)
      return parsed ? (parsed.Output ?? "") : line === "" ? "" : `${line}\n`
    })
    .join("")
}

/** What the compiler says goes past the report until go 1.24: by package, and the packages that do not build until 1.20. */
function readBuilds(text: string): { said: Map<string, string>; failed: string[] } {
  const said = new Map<string, string>()
  const failed: string[] = []
  let open: string | null = null
  for (const line of text.split("\n")) {
    const [, title] = /^# (\S+)/.exec(line) ?? []
    const [, name] = /^FAIL\t(\S+) \[(?:build|setup) failed\]$/.exec(line) ?? []
    if (name !== undefined) failed.push(name)
    if (title !== undefined) open = title
    else if (name !== undefined || line.startsWith("{")) open = null
    else if (open !== null) said.set(open, `${said.get(open) ?? ""}${line}\n`)
  }
  return { said, failed }
}

/** A package that does not build, or whose process ended, fails without any of its tests having failed. */
function packageFailures(
  ends: Line[],
  failures: TestFailure[],
  { outputs, builds }: { outputs: Map<string, string>; builds: Map<string, string> },
): TestFailure[] {
  const failed = ends.filter(line => line.Test === undefined && line.Action === "fail")
  return failed
    .filter(line => !failures.some(failure => failure.name.startsWith(`${line.Package ?? ""} > `)))
    .map(line => {
      const build = outputs.get(line.FailedBuild ?? "") ?? builds.get(line.Package ?? "") ?? ""
      return { name: line.Package ?? "", message: (build + (outputs.get(keyOf(line)) ?? "")).trim() }
    })
}

const failureOf = (line: Line, output = ""): TestFailure => ({
  name: testName(line.Package, ...(line.Test ?? "").split("/")),
  message: output
    .split("\n")
    .filter(text => !/^\s*(?:=== |--- )/.test(text))
    .join("\n")
    .trim(),
})

const keyOf = (line: Line): string =>
  line.Test === undefined ? (line.Package ?? line.ImportPath ?? "") : `${line.Package ?? ""}\n${line.Test}`

function parentsOf(line: Line): string[] {
  const parts = (line.Test ?? "").split("/")
  return parts.slice(1).map((_, n) => `${line.Package ?? ""}\n${parts.slice(0, n + 1).join("/")}`)
}

/** Lines that are no JSON are the compiler's, or what a test printed past the runner. */
function parseLine(text: string): Line[] {
  if (!text.startsWith("{")) return []
  try {
    const parsed = Line.safeParse(JSON.parse(text))
    return parsed.success ? [parsed.data] : []
  } catch {
    // As above: it only looked like JSON.
    return []
  }
}
