import type { TestStatus } from "@twolane/protocol"

/** What each result of tests is called and looks like. */
export const testLooks: Record<TestStatus, { words: string; ink: string }> = {
  passed: { words: "tests pass", ink: "text-good" },
  failed: { words: "tests fail", ink: "text-bad" },
  none_selected: { words: "no tests ran", ink: "text-faint" },
  flaky: { words: "tests flaky", ink: "text-warn" },
  timed_out: { words: "tests timed out", ink: "text-bad" },
  error: { words: "tests broke", ink: "text-bad" },
}
