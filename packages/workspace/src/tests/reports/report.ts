/** One failing test: its name as `file > suite > test`, and what it says. */
export type TestFailure = { name: string; message: string }

/** What a runner's own report says. `failed` may be more than the failures that have names. */
export type TestReport = { passed: number; failed: number; skipped: number; failures: TestFailure[] }

/** A report as the runner wrote it, and the folder it ran in, which its absolute paths begin with. */
export type RawReport = { text: string; root: string }

/** Reads one kind of report; null when the text is not that kind. */
export type ReadReport = (raw: RawReport) => TestReport | null

/** Reports of several commands as one. */
export function mergeReports(reports: readonly TestReport[]): TestReport {
  const sum = (key: "passed" | "failed" | "skipped"): number =>
    reports.reduce((total, report) => total + report[key], 0)
  return {
    passed: sum("passed"),
    failed: sum("failed"),
    skipped: sum("skipped"),
    failures: reports.flatMap(report => report.failures),
  }
}

/** A test's name from its parts, empty ones left out. */
export const testName = (...parts: (string | undefined)[]): string =>
  parts.filter(part => part !== undefined && part !== "").join(" > ")

/** A path as it stands in the repository. */
export const withoutRoot = (path: string, root: string): string =>
  path.startsWith(`${root}/`) ? path.slice(root.length + 1) : path
