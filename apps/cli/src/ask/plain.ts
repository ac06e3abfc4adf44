import type { Lane, Outcome } from "@twolane/protocol"
import type { Context } from "../connect.ts"
import { exitCodeOf, exitCodeOfTask, exitCodes, leftAlone } from "../exit.ts"
import { painter } from "../show/printer.ts"
import { type Asking, type Opening, streamNext } from "./turns.ts"
import { noView, viewEvent } from "./view.ts"

/** What a plain reader remembers of the turn that it prints. */
type Told = { task: string | null; lane: Lane; outcome: Outcome | null }

/** `twolane ask` without a terminal: one turn, and what it is handed to, as plain lines or (`--json`) events; answers the exit code. */
export const askPlain = async (
  context: Context,
  asking: Asking,
  { prompt, known }: Opening<string>,
): Promise<number> => {
  const { client, output, signal } = context
  const paint = painter(output)
  const started = performance.now()
  let view = noView(false, started)
  let told: Told = { task: known?.task ?? null, lane: "fast", outcome: null }
  const interrupt = known?.takeOver === true ? { interrupt: true } : {}
  const turn = { prompt, lane: "fast" as const, task: told.task, ...interrupt }
  const wish = { signal, ...(known === null ? {} : { after: known.after }) }
  for await (const event of streamNext(client, asking, turn, wish)) {
    const shown = viewEvent(view, event, { now: performance.now(), columns: output.columns })
    view = shown.view
    for (const line of shown.lines) output.line(paint(line))
    if (!("id" in event)) continue
    output.value(event)
    told = { ...told, task: event.task }
    if (event.type === "turn.started") told = { ...told, lane: event.lane }
    if (event.type === "turn.ended") told = { ...told, outcome: event.outcome }
  }
  if (signal.aborted) return leave(context, told)
  if (told.task === null) return exitCodes.failed
  const task = await client.task(told.task, { signal })
  const { askedAt: _askedAt, ...timings } = view.timings
  output.value({ task, timings })
  if (task.review === "open")
    output.line(`See the change: twolane diff ${task.id} · take it: twolane accept ${task.id}`)
  return told.outcome === null ? exitCodeOfTask(task) : exitCodeOf(told.outcome.status)
}

/** Leaving a fast turn's stream interrupts the turn; a deep one goes on. */
const leave = ({ output }: Context, { task, lane }: Told): number => {
  if (lane === "fast") {
    output.note("\nInterrupted.")
    return exitCodes.canceled
  }
  output.note(`\nNo longer watching; the task goes on. Watch: twolane watch ${task}`)
  return leftAlone
}
