import { type ReadReport, type TestFailure, testName } from "./report.ts"

const target = /^\s*(?:Running (?:unittests )?(.+?) \(|Doc-tests (\S+))/
const single = /^test (.+?) \.\.\. (ok|FAILED|ignored)\b/
const summary = /^test result: (?:ok|FAILED)\. (\d+) passed; (\d+) failed; (\d+) ignored;/
const section = /^---- (.+?) stdout ----$/

/** What `cargo test` prints: libtest's own lines, one summary for each target. The summaries say the counts. */
export const readCargoText: ReadReport = ({ text }) => {
  const counts = { passed: 0, failed: 0, skipped: 0 }
  const failed: { target: string; name: string }[] = []
  const messages = new Map<string, string[]>()
  let summaries = 0
  let now = ""
  let open: string[] | null = null
  for (const line of text.split(/\r?\n/)) {
    const [, file, doc] = target.exec(line) ?? []
    if (file ?? doc) now = file ?? `doc ${doc}`
    const [, name, end] = single.exec(line) ?? []
    if (name !== undefined && end === "FAILED") failed.push({ target: now, name })
    const [, passed, red, ignored] = summary.exec(line) ?? []
    if (passed !== undefined) {
      counts.passed += Number(passed)
      counts.failed += Number(red)
      counts.skipped += Number(ignored)
      summaries += 1
    }
    const [, titled] = section.exec(line) ?? []
    if (titled !== undefined) {
      open = []
      messages.set(keyOf(now, titled), open)
    } else if (line === "failures:" || line.startsWith("test result:")) open = null
    else open?.push(line)
  }
  if (summaries === 0) return null
  const failures: TestFailure[] = failed.map(one => ({
    name: testName(one.target, ...one.name.split("::")),
    message: (messages.get(keyOf(one.target, one.name)) ?? []).join("\n").trim(),
  }))
  return { ...counts, failures }
}

const keyOf = (where: string, name: string): string => `${where}\n${name}`
