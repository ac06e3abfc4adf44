import type { TestStatus } from "@twolane/protocol"
import { Ansi } from "../../../ui/ansi.tsx"
import { Fold } from "../../../ui/fold.tsx"
import { Elapsed } from "../../../ui/time.tsx"
import { visible } from "../../../ui/visible.ts"
import { durationWords } from "../../../ui/words.ts"
import type { Entry } from "../timeline/entries.ts"

/** What a result is called, and whether it is green: nothing selected never is. */
const results: Record<TestStatus, { words: string; ink: string }> = {
  passed: { words: "Tests passed", ink: "text-good" },
  failed: { words: "Tests failed", ink: "text-bad" },
  none_selected: { words: "No tests selected", ink: "text-faint" },
  flaky: { words: "Flaky: red, then green on the same tree", ink: "text-warn" },
  timed_out: { words: "Tests timed out", ink: "text-bad" },
  error: { words: "Tests could not run", ink: "text-bad" },
}

const running = { words: "Tests run", ink: "text-accent" }
const stopped = { words: "Tests stopped by a steering note", ink: "text-faint" }

const tailLines = 20

/** A run of the tests: live while it runs; red shows its tail. */
export const TestsEntry = ({ entry }: { entry: Extract<Entry, { kind: "tests" }> }) => {
  const { command, status, superseded, passed, failed, failedAtBase, durationMs, output, at } = entry
  const result = superseded === true ? stopped : status === undefined ? running : results[status]
  const red = result !== stopped && (status === "failed" || status === "timed_out" || status === "error")
  return (
    <div
      data-entry="tests"
      data-status={superseded === true ? "superseded" : (status ?? "running")}
      className="rounded-lg border border-line bg-surface px-3.5 py-2"
    >
      <Fold
        open={status === undefined || red}
        summary={
          <>
            <span className={`shrink-0 font-medium ${result.ink}`}>{result.words}</span>
            <span className="shrink-0 text-sm tabular-nums">
              {passed !== undefined && `${passed} passed`}
              {failed !== undefined && `, ${failed} failed`}
              {failedAtBase !== undefined && failedAtBase > 0 && ` (${failedAtBase} at the base too)`}
            </span>
            <span className="min-w-0 flex-1 truncate font-mono text-faint text-sm" title={visible(command)}>
              {visible(command)}
            </span>
            <span className="shrink-0 text-faint text-sm tabular-nums">
              {durationMs === undefined ? <Elapsed since={at} /> : durationWords(durationMs)}
            </span>
          </>
        }
      >
        {() => (output === "" ? <p className="text-faint text-sm">No output.</p> : <Tail output={output} />)}
      </Fold>
    </div>
  )
}

const Tail = ({ output }: { output: string }) => {
  const lines = output.trimEnd().split("\n")
  if (lines.length <= tailLines) return <Ansi output={output} />
  return (
    <div className="space-y-2">
      <Fold summary={<span className="text-muted text-sm">{lines.length - tailLines} earlier lines</span>}>
        {() => <Ansi output={lines.slice(0, -tailLines).join("\n")} />}
      </Fold>
      <Ansi output={lines.slice(-tailLines).join("\n")} />
    </div>
  )
}
