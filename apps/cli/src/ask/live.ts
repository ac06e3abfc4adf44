import { derive } from "@twolane/common"
import { oneLine } from "@twolane/common/clean"
import type { Context } from "../connect.ts"
import { exitCodeOf, exitCodes, leftAlone } from "../exit.ts"
import { painter } from "../show/printer.ts"
import type { Piece } from "../show/progress.ts"
import { frameOf, noFrame } from "./frame.ts"
import { performer } from "./perform.ts"
import { begin, type Effect, type Input, noSession, type Session, step } from "./session.ts"
import { openTerminal } from "./terminal.ts"
import { type Asking, type Opening, streamNext } from "./turns.ts"
import { nextView, noView, viewEvent } from "./view.ts"

/**
 * `twolane ask` at a terminal: turn after turn until the person leaves; answers the exit code of the last turn.
 * @throws ClientProblem, Unreachable when no task came to be.
 */
export const askLive = async (
  context: Context,
  asking: Asking,
  opening: Opening<string | null>,
): Promise<number> => {
  const { client, output } = context
  const { known } = opening
  const left = Promise.withResolvers<number>()
  using life = derive(context.signal)
  context.signal.addEventListener("abort", () => left.resolve(exitCodes.canceled), { once: true })

  let session: Session =
    known === null ? noSession : { ...noSession, task: known.task, after: known.after, lane: known.lane }
  let view = noView(true, performance.now())
  let takeOver = known?.takeOver === true
  const waiting: Piece[] = []
  let drawing = false

  const draw = () => {
    drawing = false
    if (!life.signal.aborted) terminal.draw(waiting.splice(0), frameOf(view, session, terminal.columns()))
  }
  // Whatever came in one read is drawn at once.
  const drawSoon = () => {
    if (!drawing) setImmediate(draw)
    drawing = true
  }
  const print = (lines: readonly Piece[]) => {
    waiting.push(...lines)
    drawSoon()
  }
  const tell = (input: Input) => {
    if (input.type === "event") {
      const shown = viewEvent(view, input.event, { now: performance.now(), columns: terminal.columns() - 1 })
      view = shown.view
      print(shown.lines)
    }
    take(step(session, input))
  }
  const take = ({ session: next, effects }: { session: Session; effects: readonly Effect[] }) => {
    session = next
    for (const effect of effects)
      if (effect.do === "leave") left.resolve(codeOf(session))
      else perform(effect, life.signal).catch(left.reject)
    drawSoon()
  }
  const stream = (effect: Extract<Effect, { do: "ask" }>, signal: AbortSignal) => {
    const { task, after } = session
    view = nextView(view, performance.now())
    print([{ kind: "line", text: `› ${oneLine(effect.prompt, 400)}`, tone: "strong" }])
    const turn = { prompt: effect.prompt, lane: effect.lane, task, ...(takeOver ? { interrupt: true } : {}) }
    takeOver = false
    return streamNext(client, asking, turn, { signal, ...(after === null ? {} : { after }) })
  }
  const perform = performer({ client, stream, tell, print, hasTask: () => session.task !== null })

  using terminal = openTerminal(
    { onKey: key => tell({ type: "key", key }), onResize: drawSoon, onGone: code => left.resolve(code) },
    painter(output),
  )
  if (opening.prompt !== null) take(begin(session, opening.prompt, "fast"))
  drawSoon()
  try {
    return await left.promise
  } finally {
    terminal.draw([...waiting, ...lastWords(session)], noFrame)
    life.abort({ by: "user" })
  }
}

const codeOf = ({ busy, lane, status }: Session): number => {
  if (busy && lane === "deep") return leftAlone
  if (busy) return exitCodes.canceled
  return status === null ? exitCodes.succeeded : exitCodeOf(status)
}

const lastWords = ({ task, busy, lane }: Session): Piece[] => {
  if (task === null) return []
  const goesOn = busy && lane === "deep" ? `The task goes on: twolane watch ${task} · ` : ""
  return [{ kind: "line", text: `${goesOn}${task}: twolane diff ${task}`, tone: "dim" }]
}
