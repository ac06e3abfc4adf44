import {
  type ChangeSize,
  candidateWords,
  type FileChange,
  type Outcome,
  type Task,
  type Usage,
} from "@twolane/protocol"
import { oneLine } from "./clean.ts"

/** `850 ms`, `12.3 s`, `4 min 10 s`, `2 h 5 min`. */
export const duration = (ms: number): string => {
  if (ms < 1_000) return `${Math.round(ms)} ms`
  if (ms < 60_000) return `${(ms / 1_000).toFixed(1)} s`
  const seconds = Math.round(ms / 1_000)
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`
  return `${Math.floor(seconds / 3_600)} h ${Math.floor((seconds % 3_600) / 60)} min`
}

/** How long ago something was. */
export const ago = (at: number, now: number): string => `${duration(Math.max(0, now - at))} ago`

const plural = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? "" : "s"}`

/** `2 files, +10 -3`. */
export const size = (change: ChangeSize): string =>
  `${plural(change.files, "file")}, +${change.added} -${change.removed}`

/** `1 process`, `2 processes`. */
export const processWords = (count: number): string => `${count} process${count === 1 ? "" : "es"}`

/** What an undo left of a task's change. */
export const undoneWords = ({ change }: Pick<Task, "change">): string =>
  change === undefined || change.files === 0
    ? "the newest change is undone; nothing is left of the task's change"
    : `the newest change is undone; left of the task's change: ${size(change)}`

const letters = { added: "A", modified: "M", deleted: "D", renamed: "R" } as const

/** `M src/a.ts +3 -1`, as a diff's statistics. */
export const fileLine = (file: FileChange): string => {
  const from = file.from === undefined ? "" : `${oneLine(file.from)} → `
  const lines = file.binary === true ? "binary" : `+${file.added} -${file.removed}`
  return `${letters[file.change]} ${from}${oneLine(file.path)} ${lines}`
}

/** `succeeded`, `failed: tests-red (2 tests fail)`. */
export const outcomeWords = (outcome: Outcome): string => {
  const detail = outcome.detail === undefined ? "" : ` (${oneLine(outcome.detail, 400)})`
  switch (outcome.status) {
    case "succeeded":
      return `succeeded${detail}`
    case "failed":
      return `failed: ${outcome.code}${detail}`
    case "canceled":
      return `canceled by ${oneLine(outcome.by.name)}${detail}`
    case "limited":
      return `limited: ${outcome.which} used up; the work is kept, and a next turn goes on${detail}`
    case "handed_off":
      return `handed to the other lane${detail}`
  }
}

/** `3 steps, 1200 tokens in (800 cached), 300 out, $0.0123`. */
export const usageWords = (usage: Usage): string => {
  const cost = usage.costUsd === null ? "" : `, $${usage.costUsd.toFixed(4)}`
  return `${plural(usage.steps, "step")}, ${usage.inputTokens} tokens in (${usage.cachedTokens} cached), ${usage.outputTokens} out${cost}`
}

/** One task on one line, for lists. */
export const taskLine = (task: Task, now: number): string => {
  const where = task.queue === undefined ? "" : ` #${task.queue.position} (${oneLine(task.queue.reason, 60)})`
  const change = task.change === undefined ? "" : ` ${size(task.change)}`
  const tests = task.tests === undefined ? "" : ` tests ${task.tests.status}`
  const when = ago(task.createdAt, now)
  const candidate = candidateWords(task)
  return `${task.id}  ${task.status}${where}  ${task.repo}  ${when}${change}${tests}  ${candidate === null ? "" : `${candidate}  `}${oneLine(task.title, 60)}`
}
