/**
 * What worker and keeper say to each other: JSON lines over one socket pair. Both ends are of one version and one source,
 * so nothing is parsed twice.
 */
import type { JailRun } from "../jail/args.ts"
import type { CgroupParent } from "../jail/cgroup.ts"
import type { Limits, Room } from "../jail/room.ts"

/** Why a command ended, and (unless it just exited) a sentence about it. */
export type CommandEnd =
  | { ended: "exited" }
  | { ended: "timed_out" | "memory" | "killed" | "refused"; reason: string }

/** What a command did; `output` holds at most the room's `outputBytes`, and ends with the reason when there is one. */
export type CommandOutcome = CommandEnd & {
  exitCode: number | null
  output: string
  truncated: boolean
  durationMs: number
}

/** A shell line for the jail. */
export type CommandInput = {
  command: string
  workdir: string
  timeoutMs: number
  env: Record<string, string>
  stdin: string | null
  network: JailRun["network"]
  cacheWritable: boolean
  /** Whether pieces of output are wanted as they come. */
  live: boolean
}

/** A part of a file in lines from 1. */
export type ReadInput = { path: string; offset: number; limit: number }

/** A file's text; `lines` is the whole file's count. */
export type ReadOutcome =
  | { ok: true; text: string; lines: number; truncated: boolean }
  | { ok: false; reason: string }

/** Paths, sorted and capped. */
export type ListOutcome = { paths: string[]; truncated: boolean }

/** Lines `path:line:text`, capped. */
export type SearchOutcome = { ok: true; lines: string[]; truncated: boolean } | { ok: false; reason: string }

/** One path that a patch changed, with its text before and after (null: not there). */
export type PatchedFile = {
  path: string
  change: "added" | "modified" | "deleted" | "renamed"
  added: number
  removed: number
  from?: string
  before: string | null
  after: string | null
}

/** A patch, applied wholly or not at all. */
export type PatchOutcome = { ok: true; files: PatchedFile[] } | { ok: false; reason: string }

/**
 * One path that may differ from the checked-out commit, as it is now. `absent` means that nothing is there. `refused` can
 * not be part of a change, with the reason.
 */
export type Change =
  | { path: string; kind: "file"; executable: boolean; bytes: number }
  | { path: string; kind: "symlink"; target: string }
  | { path: string; kind: "absent" }
  | { path: string; kind: "refused"; reason: string }

/** A changed path with its bytes copied out of the agent's reach: `copy` is a file of the service's own. */
export type StagedChange = (Change & { kind: "file"; copy: string }) | Exclude<Change, { kind: "file" }>

/** Which paths to copy, into which folder of the service, and how many bytes that may be in all. */
export type StageInput = { paths: string[]; into: string; maxBytes: number }

/** What a keeper can make ready before its room is there: its folder beside the tree, and the group that everything runs in. */
export type KeeperPlace = { cell: string; cgroup: CgroupParent | null; limits: Limits }

/** What a keeper keeps. */
export type KeeperSetup = {
  room: Room
  /** `none`: commands are refused, git and patches work. */
  mode: "jail" | "none" | "off"
  bwrap: string | null
  beatTimeoutMs: number
}

/** Every operation: what it is given and what it answers. */
export type Operations = {
  /** Comes first, before all others `open`. */
  begin: { input: KeeperPlace; output: null }
  open: { input: KeeperSetup; output: null }
  run: { input: CommandInput; output: CommandOutcome }
  read: { input: ReadInput; output: ReadOutcome }
  list: { input: { glob: string }; output: ListOutcome }
  search: { input: { pattern: string; glob: string | null }; output: SearchOutcome }
  patch: { input: { patch: string }; output: PatchOutcome }
  changes: { input: null; output: Change[] }
  stage: { input: StageInput; output: StagedChange[] }
  kill: { input: null; output: { killed: number; proof: "worker" | "group" } }
  usage: { input: null; output: { processes: number; memoryBytes: number; cpuMs: number } }
}

/** An operation's name. */
export type OperationName = keyof Operations

/** What the worker says. `cancel` ends the request of that id; `beat` says how long ago its lease was proved, in ms. */
export type ToKeeper =
  | {
      [Name in OperationName]: { type: "call"; id: number; name: Name; input: Operations[Name]["input"] }
    }[OperationName]
  | { type: "cancel"; id: number }
  | { type: "beat"; agoMs: number }

/** What the keeper says. `error` is a bug, or with `system` a failure of the machine; never an expected end. */
export type FromKeeper =
  | { type: "text"; id: number; text: string }
  | { type: "done"; id: number; value: unknown }
  | { type: "failed"; id: number; error: string; system?: SystemWords }

/** What a system call said no with, as Node's errors have it. */
export type SystemWords = { code: string; syscall: string }
