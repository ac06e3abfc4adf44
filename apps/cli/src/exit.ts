import type { Outcome, Task, TurnStatus } from "@twolane/protocol"

/** The exit codes that the contract names. */
export const exitCodes = {
  succeeded: 0,
  failed: 1,
  usage: 2,
  canceled: 3,
  limited: 4,
  unreachable: 5,
} as const

/** What a process ends with when Ctrl-C ended its watching, and the task goes on. */
export const leftAlone = 130

/** A command that was called wrongly; the message is one line for the person. */
export class UsageError extends Error {
  constructor(message: string) {
    super(message)
    this.name = "UsageError"
  }
}

/** A command that could not do what it was asked to; the message is one line for the person. */
export class CommandError extends Error {
  readonly exitCode: number

  constructor(message: string, exitCode: number = exitCodes.failed, options?: ErrorOptions) {
    super(message, options)
    this.name = "CommandError"
    this.exitCode = exitCode
  }
}

/** The exit code for how a turn ended. A hand-off is followed to its end, so its own code is never the last word. */
export const exitCodeOf = (status: Outcome["status"]): number =>
  status === "handed_off" ? exitCodes.succeeded : exitCodes[status]

/** The exit code for a task as it stands: that of its last ended turn, and 0 while it is open. */
export const exitCodeOfTask = (task: Pick<Task, "status">): number =>
  isEnd(task.status) ? exitCodeOf(task.status) : exitCodes.succeeded

const isEnd = (status: TurnStatus): status is Outcome["status"] =>
  status !== "queued" && status !== "running" && status !== "waiting" && status !== "canceling"
