import { z } from "zod"

/** What we read of vitest's JSON report. */
const Report = z.object({
  testResults: z.array(
    z.object({
      name: z.string(),
      status: z.string(),
      message: z.string().optional(),
      assertionResults: z.array(z.object({ status: z.string() })),
    }),
  ),
})

/** How many tests passed, failed and were skipped, and what failed beside single tests. */
export type Counts = { passed: number; failed: number; skipped: number; problems: string[] }

/** Counts a vitest JSON report. A file that could not be loaded has no tests and counts as one failure. */
export const countTests = (report: unknown): Counts => {
  const { testResults } = Report.parse(report)
  const statuses = testResults.flatMap(file => file.assertionResults.map(test => test.status))
  const broken = testResults.filter(
    file => file.status === "failed" && !file.assertionResults.some(test => test.status === "failed"),
  )
  const failed = statuses.filter(status => status === "failed").length + broken.length
  const passed = statuses.filter(status => status === "passed").length
  return {
    passed,
    failed,
    skipped: statuses.length + broken.length - passed - failed,
    problems: broken.map(file => `${file.name}: ${file.message?.split("\n")[0] ?? "could not be run"}`),
  }
}

/** The line that a test run ends with. */
export const countedLine = ({ passed, failed, skipped }: Counts): string =>
  `${passed} passed, ${failed} failed, ${skipped} skipped`
