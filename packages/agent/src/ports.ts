/**
 * What the agent loop needs of the world. `@twolane/workspace` and the worker implement these; the loop itself does no I/O.
 * Expected failures are values. What is thrown is an abort (the signal's reason) or a bug.
 */
import type { ChangeSize, FileChange, TestStatus } from "@twolane/protocol"

/** What a command did. `exitCode` is null when it was killed; `output` is capped, and `truncated` says so. */
export type CommandResult = {
  exitCode: number | null
  ended: "exited" | "timed_out" | "memory" | "killed" | "refused"
  output: string
  truncated: boolean
  durationMs: number
}

/** A command for the jail: a shell line, a folder relative to the workspace, and limits. */
export type CommandRequest = {
  command: string
  workdir?: string
  timeoutMs: number
  env?: Record<string, string>
  /** Text for standard input. */
  stdin?: string
  /** Called with each piece of output as it comes (already decoded, never a half character). */
  onOutput?: (text: string) => void
}

/** The outcome of applying a V4A patch: wholly, or not at all with the reason for the model. */
export type PatchResult = { ok: true } | { ok: false; reason: string }

/** A saved tree. `files` and `diff` are what changed since the checkpoint before; `whole` is the size of base..here. */
export type CheckpointResult = {
  sha: string
  files: FileChange[]
  diff: string
  whole: ChangeSize
  /** False when the pack is too large to travel: the turn is then bound to its worker. */
  portable: boolean
}

/** What saving came to: null when nothing differs from the checkpoint before. `refused` paths can't be part of a change, and are as they were. */
export type Saved = { saved: CheckpointResult | null; refused: { path: string; reason: string }[] }

/** A file's text with line numbers left off; `lines` is the file's whole count. */
export type ReadResult =
  | { ok: true; text: string; lines: number; truncated: boolean }
  | { ok: false; reason: string }

/** What targeted tests found. Mirrors the event `tests.ended`. */
export type TestsResult = {
  status: TestStatus
  command: string
  passed?: number
  failed?: number
  /** How many of the failures fail at the base as well; only on the first red of a turn. */
  failedAtBase?: number
  durationMs: number
  /** The part of the output that helps to mend it, capped. */
  output: string
  /** The names of the failing tests, `file > suite > test`. */
  failures: string[]
  /** Those of `failures` that fail at the base too. */
  failuresAtBase: string[]
}

/** One prepared, jailed working tree of a task. Disposing it kills what runs in it and releases it. */
export type Workspace = AsyncDisposable & {
  /** The commit that the task's change is measured against. */
  readonly base: string
  /** Reads a file of the tree by bytes, no link followed; `offset` and `limit` count lines from 1. */
  read(path: string, range: { offset?: number; limit?: number }, signal: AbortSignal): Promise<ReadResult>
  /** Files by glob (git-ignored ones left out), sorted, capped. */
  list(glob: string, signal: AbortSignal): Promise<{ paths: string[]; truncated: boolean }>
  /** Lines that match a regular expression, as `path:line:text`, capped. */
  search(
    request: { pattern: string; glob?: string },
    signal: AbortSignal,
  ): Promise<{ lines: string[]; truncated: boolean } | { reason: string }>
  /** Applies a whole `*** Begin Patch` … `*** End Patch` envelope. */
  applyPatch(patch: string, signal: AbortSignal): Promise<PatchResult>
  /** Runs a shell line in the jail. */
  run(request: CommandRequest, signal: AbortSignal): Promise<CommandResult>
  /** Saves the tree as checkpoint `attempt`-`n`. */
  checkpoint(label: { attempt: number; n: number }, signal: AbortSignal): Promise<Saved>
  /** Kills everything that runs in it, with proof; it can be used again afterwards. Answers how many processes were ended. */
  kill(): Promise<{ killed: number; proof: "worker" | "group" }>
  /** Tests will be run before long: what they need is made ready meanwhile. */
  expectTests(): void
  /** Runs the tests for what changed since the base. */
  test(
    request: {
      selection: "targeted" | "all"
      firstRed: boolean
      onStart: (started: { command: string; selection: string; files: string[] }) => void
      onOutput?: (text: string) => void
    },
    signal: AbortSignal,
  ): Promise<TestsResult>
}
