import type { TaskDelta, TaskEvent } from "@twolane/protocol"
import type { Output } from "../output.ts"
import { noProgress, type Piece, showEvent, type Tone } from "./progress.ts"

/** Prints a task's events one after another: live on a terminal, whole lines elsewhere. */
export const progressPrinter = (task: string, output: Output): ((event: TaskEvent | TaskDelta) => void) => {
  const paint = painter(output)
  let progress = noProgress(task, output.live)
  let atLineStart = true
  return event => {
    const shown = showEvent(progress, event)
    progress = shown.progress
    for (const piece of shown.pieces) {
      if (piece.kind === "text") output.raw(paint(piece))
      else output.line((atLineStart ? "" : "\n") + paint(piece))
      atLineStart = piece.kind === "line" || piece.text.endsWith("\n")
    }
    if (event.type === "message.done" && !atLineStart) {
      output.line()
      atLineStart = true
    }
  }
}

const painter = ({ colors }: Output): ((piece: Piece) => string) => {
  const paints: Record<Tone, (text: string) => string> = {
    plain: text => text,
    dim: colors.dim,
    good: colors.green,
    bad: colors.red,
    ask: colors.yellow,
    strong: colors.bold,
  }
  return ({ text, tone }) => paints[tone](text)
}
