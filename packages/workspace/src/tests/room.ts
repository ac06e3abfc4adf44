import type { CommandRequest, CommandResult } from "@twolane/agent"

/** A prepared tree, as the tests need it. Paths are relative to its root. */
export type TestRoom = {
  /** Runs a shell line (POSIX) in the jail. */
  run(request: CommandRequest, signal: AbortSignal): Promise<CommandResult>
  /** A file's text; null where there is none. */
  read(path: string, signal: AbortSignal): Promise<string | null>
  exists(path: string, signal: AbortSignal): Promise<boolean>
}
