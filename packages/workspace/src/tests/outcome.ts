import type { TestStatus } from "@twolane/protocol"
import type { TestRun } from "./execute.ts"
import { mergeReports, type TestFailure, type TestReport } from "./reports/report.ts"

/** What one selection of tests gave, over all its commands. Without a `report` there are no counts. */
export type TestOutcome = {
  status: Exclude<TestStatus, "flaky">
  report: TestReport | null
  /** Failing tests, and what else made it red. */
  failures: TestFailure[]
  output: string
  durationMs: number
}

const order: readonly TestOutcome["status"][] = ["timed_out", "error", "failed", "passed", "none_selected"]

/** Judges runs by what their reports say: the exit code alone makes nothing green that a report could. */
export function judgeRuns(runs: readonly TestRun[]): TestOutcome {
  const statuses = runs.map(statusOf)
  const reports = runs.map(run => run.report)
  const whole = reports.every(report => report !== null) && reports.length > 0
  const failures = runs.flatMap((run, n) => failuresOf(run, statuses[n] ?? "error"))
  return {
    status: order.find(status => statuses.includes(status)) ?? "none_selected",
    report: whole ? mergeReports(reports.filter(report => report !== null)) : null,
    failures,
    output: runs.map(run => run.result.output).join("\n"),
    durationMs: runs.reduce((sum, run) => sum + run.result.durationMs, 0),
  }
}

function statusOf({ result, runner, report }: TestRun): TestOutcome["status"] {
  if (result.ended === "timed_out") return "timed_out"
  if (result.ended !== "exited") return "error"
  // 126 and 127 are the shell's own: the command can't be run, or is not there.
  if (result.exitCode === 126 || result.exitCode === 127) return "error"
  const clean = result.exitCode === 0
  if (!runner) return clean ? "passed" : "failed"
  if (!report) return runner.noTests.test(result.output) ? "none_selected" : clean ? "error" : "failed"
  if (report.failed > 0) return "failed"
  if (report.passed > 0) return clean ? "passed" : "failed"
  // Nothing ran, or all was skipped.
  return clean || runner.noTests.test(result.output) || isNoTestsCode(runner.name, result.exitCode)
    ? "none_selected"
    : "failed"
}

/** pytest's code for "no tests were collected". */
const isNoTestsCode = (runner: string, code: number | null): boolean => runner === "pytest" && code === 5

/** A red run whose report names no failure fails as a whole. */
function failuresOf({ result, report }: TestRun, status: TestOutcome["status"]): TestFailure[] {
  if (status !== "failed") return report?.failures ?? []
  if (report && report.failures.length > 0) return report.failures
  if (!report) return []
  return [
    { name: `exit code ${result.exitCode}`, message: "No test failed, but the runner ended with an error." },
  ]
}
