import { z } from "zod"
import { type ReadReport, type TestFailure, testName, withoutRoot } from "./report.ts"

const Report = z.object({
  testResults: z.array(
    z.object({
      name: z.string().default(""),
      status: z.string().default(""),
      message: z.string().nullish(),
      assertionResults: z.array(
        z.object({
          ancestorTitles: z.array(z.string()).default([]),
          title: z.string().default(""),
          status: z.string(),
          failureMessages: z.array(z.string()).nullish(),
        }),
      ),
    }),
  ),
})

/** The JSON report of jest, and of vitest, which writes the same. A file that can't be loaded counts as one failure. */
export const readJestJson: ReadReport = ({ text, root }) => {
  const parsed = Report.safeParse(parseJson(text))
  if (!parsed.success) return null
  const report = { passed: 0, failed: 0, skipped: 0, failures: [] as TestFailure[] }
  for (const file of parsed.data.testResults) {
    const path = withoutRoot(file.name, root)
    for (const test of file.assertionResults) {
      if (test.status === "passed") report.passed += 1
      else if (test.status === "failed")
        report.failures.push({
          name: testName(path, ...test.ancestorTitles, test.title),
          message: (test.failureMessages ?? []).join("\n"),
        })
      else report.skipped += 1
    }
    const explained = file.assertionResults.some(test => test.status === "failed")
    if (file.status === "failed" && !explained)
      report.failures.push({ name: path, message: file.message ?? "" })
  }
  return { ...report, failed: report.failures.length }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // A runner that was killed leaves half a report: none.
    return null
  }
}
