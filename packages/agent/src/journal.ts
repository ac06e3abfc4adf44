import type { DeltaBody, NewEvent, TaskEvent, TaskState, TranscriptEntry } from "@twolane/protocol"

/**
 * The attempt's pen: the only way the loop changes anything that lasts. `write` throws the abort reason when this attempt
 * is no longer the task's newest.
 */
export type Journal = {
  readonly turn: string
  readonly attempt: number
  state(): TaskState
  write(events: readonly NewEvent[], more?: { transcript?: readonly TranscriptEntry[] }): Promise<TaskEvent[]>
  transcript(): Promise<TranscriptEntry[]>
  delta(delta: DeltaBody): void
  /** Resolves when somebody else wrote to the task (a steer, for example); rejects with the signal's reason. */
  changed(signal: AbortSignal): Promise<void>
  now(): number
}
