import { derive } from "@twolane/common/lifetime"
import { makeStriker, strikeSecrets } from "@twolane/common/strike-secrets"
import type { TestsResult } from "../ports.ts"
import { whenSteered } from "./steering.ts"
import { record, stamp, stateOf, type Turn } from "./turn.ts"

type Begun = { command: string; selection: string; files: string[] }
/** A run as far as it came. */
type Run = { begun: Begun | null; output: string; recorded: Promise<void> }

/** How much is kept of the output of tests that were stopped. */
const maxShownChars = 6_000

/**
 * Runs the tests and records what they gave. A steering note changes what is wanted, so it stops them at once: null, with no verdict on
 * the tree. The note is still open then, for the next step to begin with.
 */
export const runTests = async (turn: Turn, selection: "targeted" | "all"): Promise<TestsResult | null> => {
  const startedAt = performance.now()
  const run: Run = { begun: null, output: "", recorded: Promise.resolve() }
  using stop = derive(turn.signal)
  const watching = whenSteered(turn, stop.signal).then(isSteered => {
    if (isSteered) stop.abort({ by: "superseded" })
    return isSteered
  })
  try {
    const result = await testTree(turn, selection, run, stop.signal)
    const { failures: _failures, failuresAtBase: _failuresAtBase, ...shown } = result
    await record(turn, [stamp(turn, { type: "tests.ended" as const, ...shown })])
    return result
  } catch (error) {
    if (turn.signal.aborted || !stop.signal.aborted) throw error
    turn.ports.workspace.expectTests()
    await recordStopped(turn, run, Math.round(performance.now() - startedAt))
    return null
  } finally {
    stop.abort({ by: "superseded" })
    await watching
  }
}

const testTree = async (
  turn: Turn,
  selection: "targeted" | "all",
  run: Run,
  signal: AbortSignal,
): Promise<TestsResult> => {
  const { workspace, journal } = turn.ports
  const shown = makeStriker(text => {
    run.output = (run.output + text).slice(-maxShownChars)
    journal.delta({ type: "tool.delta", call: "tests", text })
  })
  const request = {
    selection,
    firstRed: stateOf(turn).cycles === 0,
    onStart: (begun: Begun) => {
      run.begun = begun
      run.recorded = run.recorded.then(() =>
        record(turn, [stamp(turn, { type: "tests.started" as const, ...begun })]),
      )
      run.recorded.catch(() => undefined) // awaited below; a refusal must not surface as unhandled meanwhile
    },
    onOutput: shown.put,
  }
  const result = await workspace.test(request, signal).finally(shown.end)
  await run.recorded
  return withoutSecrets(result)
}

/** Before anybody sees it: the log, those who watch, the model. */
const withoutSecrets = (result: TestsResult): TestsResult => ({
  ...result,
  output: strikeSecrets(result.output),
})

/** Tests that had begun are seen to end, and why; it costs no cycle, since the patch is not to blame. */
const recordStopped = async (turn: Turn, { begun, output, recorded }: Run, durationMs: number) => {
  await recorded
  if (begun === null) return
  const shown = `${output === "" ? "" : `${output.toWellFormed().trimEnd()}\n`}[Stopped: a steering note came before they ended.]`
  const { command } = begun
  await record(turn, [
    stamp(turn, {
      type: "tests.ended" as const,
      status: "error" as const,
      superseded: true as const,
      command,
      durationMs,
      output: shown,
    }),
  ])
}
