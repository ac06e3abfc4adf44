import type { TaskDelta, TaskEvent } from "@twolane/protocol"
import type { Output } from "../output.ts"
import { noProgress, type Piece, showEvent, type Tone } from "./progress.ts"

/** Prints a task's events one after another: live on a terminal, whole lines elsewhere. */
export const progressPrinter = (task: string, output: Output): ((event: TaskEvent | TaskDelta) => void) => {
  const paint = painter(output)
  let progress = noProgress(task, output.live)
  // What the line under way is from; null at the start of a line.
  let open: string | null = null
  const endLine = () => {
    if (open !== null) output.line()
    open = null
  }
  return event => {
    const shown = showEvent(progress, event)
    progress = shown.progress
    for (const piece of shown.pieces) {
      if (piece.kind === "line" || piece.from !== open) endLine()
      if (piece.kind === "line") output.line(paint(piece))
      else output.raw(paint(piece))
      open = piece.kind === "line" || piece.text.endsWith("\n") ? null : piece.from
    }
    if (event.type === "message.done") endLine()
  }
}

/** Gives pieces the colours of their tones, where the output has colours. */
export const painter = ({ colors }: Output): ((piece: Pick<Piece, "text" | "tone">) => string) => {
  const paints: Record<Tone, (text: string) => string> = {
    plain: text => text,
    dim: colors.dim,
    good: colors.green,
    bad: colors.red,
    ask: colors.yellow,
    strong: colors.bold,
    place: colors.cyan,
  }
  return ({ text, tone }) => paints[tone](text)
}
