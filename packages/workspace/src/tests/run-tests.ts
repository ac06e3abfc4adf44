import type { TestsResult } from "@twolane/agent"
import type { RepoFile } from "@twolane/common/guardrails/repo-file"
import type { FileChange } from "@twolane/protocol"
import { runTestCommand, type TestRun } from "./execute.ts"
import { judgeRuns, type TestOutcome } from "./outcome.ts"
import { helpfulOutput } from "./output.ts"
import type { TestRoom } from "./room.ts"
import { type Selection, type SelectionName, select } from "./select.ts"

/** The whole suite stands in for targeted tests only when its last run was shorter than this. */
const wholeSuiteUnderMs = 60_000

/** What tests are to be run. */
export type TestsRequest = {
  room: TestRoom
  settings: RepoFile["test"]
  /** What changed since the base. */
  changed: readonly FileChange[]
  selection: "targeted" | "all"
  /** No red yet in this turn: a red selection runs once more at the base. */
  firstRed: boolean
  /** How long the whole suite took when it last ran; null when that is not known. */
  wholeSuiteMs: number | null
  /** Lends a clean workspace at the base for as long as `use` takes. */
  atBase: <Result>(use: (room: TestRoom) => Promise<Result>, signal: AbortSignal) => Promise<Result>
  onStart: (started: { command: string; selection: string; files: string[] }) => void
  onOutput?: (text: string) => void
}

/** What the tests gave; `wholeSuiteMs` is set when the whole suite ran to its end, to be remembered for the next time. */
export type TestsEnd = TestsResult & { wholeSuiteMs?: number }

type Ran = { selection: Selection; outcome: TestOutcome }

/**
 * Runs the tests for a change. What is red runs once more on the same tree (green then: `flaky`); the first red of a
 * turn runs once at the base as well, and what fails there too is named. Throws only for an abort.
 */
export async function runTests(request: TestsRequest, signal: AbortSignal): Promise<TestsEnd> {
  const ran = await firstThatSelects(request, signal)
  if (!ran) return noneSelected(request)
  const first = ran.outcome
  if (first.status !== "failed") return endOf(ran, first.status, first, whole(ran))
  const again = await runSelection(request.room, ran.selection, request, signal)
  if (again.status === "passed") return endOf(ran, "flaky", first)
  // What was red twice is red: the second run tells how, unless it did not get to an end.
  const red = again.status === "failed" ? again : first
  const end = endOf(ran, "failed", red, whole(ran))
  return request.firstRed
    ? { ...end, ...(await compareAtBase(request, ran.selection.name, red, signal)) }
    : end
}

const orderOf: Readonly<Record<TestsRequest["selection"], readonly SelectionName[]>> = {
  targeted: ["targeted", "packages", "all"],
  all: ["all"],
}

/** Runs the selections in order until one selects a test. */
async function firstThatSelects(request: TestsRequest, signal: AbortSignal): Promise<Ran | null> {
  let last: Ran | null = null
  for (const name of orderOf[request.selection]) {
    if (
      name === "all" &&
      request.selection !== "all" &&
      (request.wholeSuiteMs ?? Number.POSITIVE_INFINITY) >= wholeSuiteUnderMs
    )
      continue
    const selection = await select(request, name, signal)
    if (!selection) continue
    request.onStart({ command: commandOf(selection), selection: name, files: selection.files })
    const outcome = await runSelection(request.room, selection, request, signal)
    last = { selection, outcome }
    if (outcome.status !== "none_selected") return last
  }
  return last
}

async function runSelection(
  room: TestRoom,
  selection: Selection,
  request: TestsRequest,
  signal: AbortSignal,
): Promise<TestOutcome> {
  const runs: TestRun[] = []
  for (const command of selection.commands) {
    const { onOutput, settings } = request
    const options = { timeoutMs: settings.timeoutMs, ...(onOutput ? { onOutput } : {}) }
    runs.push(await runTestCommand(room, command, options, signal))
  }
  return judgeRuns(runs)
}

/** Which of the failures the base has too. Without names nothing can be told apart, so nothing is. */
async function compareAtBase(
  request: TestsRequest,
  name: SelectionName,
  red: TestOutcome,
  signal: AbortSignal,
) {
  if (red.failures.length === 0) return {}
  const there = await request.atBase(async room => {
    const selection = await select({ ...request, room }, name, signal)
    const { onOutput: _, ...quiet } = request
    return selection && (await runSelection(room, selection, quiet, signal))
  }, signal)
  const old = new Set(there?.status === "failed" ? there.failures.map(failure => failure.name) : [])
  const failuresAtBase = namesOf(red).filter(failure => old.has(failure))
  return { failedAtBase: failuresAtBase.length, failuresAtBase }
}

function endOf(
  { selection }: Ran,
  status: TestsResult["status"],
  outcome: TestOutcome,
  more: { wholeSuiteMs?: number } = {},
): TestsEnd {
  const { report } = outcome
  return {
    status,
    command: commandOf(selection),
    ...(report && status !== "none_selected" ? { passed: report.passed, failed: report.failed } : {}),
    durationMs: outcome.durationMs,
    output: helpfulOutput(outcome),
    failures: namesOf(outcome),
    failuresAtBase: [],
    ...more,
  }
}

/** A suite that was killed did not take as long as it would. */
const whole = ({ selection, outcome }: Ran): { wholeSuiteMs?: number } =>
  selection.name === "all" && (outcome.status === "passed" || outcome.status === "failed")
    ? { wholeSuiteMs: outcome.durationMs }
    : {}

const noneSelected = (request: TestsRequest): TestsEnd => ({
  status: "none_selected",
  command: "",
  durationMs: 0,
  output:
    request.selection === "all"
      ? "No test command is known for this repository."
      : "No test goes with the changed files.",
  failures: [],
  failuresAtBase: [],
})

const namesOf = (outcome: TestOutcome): string[] => outcome.failures.map(failure => failure.name)

const commandOf = (selection: Selection): string =>
  selection.commands
    .map(({ line, folder }) => (folder === "" ? line : `(cd ${folder} && ${line})`))
    .join(" && ")
