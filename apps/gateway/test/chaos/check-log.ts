import { isDeepStrictEqual } from "node:util"
import { foldEvents, isFinal, type Task, type TaskEvent, viewTask } from "@twolane/protocol"
import { gapsIn, only } from "@twolane/testkit"

/** What a task's log says against its own promises. */
export const checkLog = (log: readonly TaskEvent[], task: Task): string[] => {
  const wrong = gapsIn(log).map(id => `the event ${id} leaves a gap`)
  const ids = new Set(log.map(({ id }) => id))
  if (ids.size !== log.length) wrong.push("an event's id stands twice")
  let newest = 0
  for (const { id, attempt } of log) {
    if (attempt < newest) wrong.push(`the event ${id} comes after one of attempt ${newest}`)
    newest = Math.max(newest, attempt)
  }
  const state = foldEvents(null, log)
  const { queue: _queue, behind: _behind, overlaps: _overlaps, ...shown } = task
  if (!isDeepStrictEqual(shown, plain(viewTask(state))))
    wrong.push("the task that is shown is not the fold of its log")
  const starts = only(log, "turn.started").map(({ attempt }) => attempt)
  if (new Set(starts).size !== starts.length || starts.length !== newest)
    wrong.push(`${starts.length} times turn.started in ${newest} attempts`)
  for (const { id, status } of task.turns) {
    if (!isFinal(status)) wrong.push(`turn ${id} is still ${status}`)
    const ends = only(log, "turn.ended").filter(({ turn }) => turn === id).length
    if (ends !== 1) wrong.push(`turn ${id} ended ${ends} times`)
    wrong.push(...checkAfterEnd(log, id))
  }
  return [...wrong, ...checkCalls(log), ...checkAnswers(log)]
}

const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value))

/** Final is final: nothing of a turn happens after its end, but that its work is handed on. */
const checkAfterEnd = (log: readonly TaskEvent[], turn: string): string[] => {
  const end = log.findIndex(event => event.type === "turn.ended" && event.turn === turn)
  if (end < 0) return []
  return log
    .slice(end + 1)
    .flatMap(({ turn: of, type, id }) =>
      of === turn && type !== "handoff.created" ? [`${type} ${id} after the end of ${turn}`] : [],
    )
}

/** A call begins once and ends once. */
const checkCalls = (log: readonly TaskEvent[]): string[] => {
  const started = only(log, "tool.started").map(({ call }) => call)
  const ended = only(log, "tool.ended").map(({ call }) => call)
  return [
    ...twiceIn(started).map(call => `the call ${call} began twice`),
    ...twiceIn(ended).map(call => `the call ${call} ended twice`),
    ...ended.filter(call => !started.includes(call)).map(call => `the call ${call} ended and never began`),
  ]
}

/** The same things once more. */
const twiceIn = (items: readonly string[]): string[] =>
  items.filter((item, index) => items.indexOf(item) !== index)

/** Whatever was asked has its one answer. */
const checkAnswers = (log: readonly TaskEvent[]): string[] => {
  const wrong: string[] = []
  const answered = [...only(log, "steer.applied"), ...only(log, "steer.rejected")].map(({ steer }) => steer)
  for (const { steer } of only(log, "steer.accepted")) {
    const count = answered.filter(one => one === steer).length
    if (count !== 1) wrong.push(`the note ${steer} was answered ${count} times`)
  }
  const decided = only(log, "gate.decided").map(({ gate }) => gate)
  for (const { gate } of only(log, "gate.opened")) {
    const count = decided.filter(one => one === gate).length
    if (count !== 1) wrong.push(`the gate ${gate} was decided ${count} times`)
  }
  if (only(log, "task.reviewed").filter(({ decision }) => decision === "accepted").length > 1)
    wrong.push("it was accepted twice")
  return wrong
}
