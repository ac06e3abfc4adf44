import { type Client, ClientProblem, Unreachable } from "@twolane/client"
import { oneLine } from "@twolane/common/clean"
import { undoneWords } from "@twolane/common/words"
import type { TaskDelta, TaskEvent } from "@twolane/protocol"
import { diffPieces, withoutObjectNames } from "../show/diff.ts"
import type { Piece } from "../show/progress.ts"
import type { Effect, Input } from "./session.ts"

/** What the effects of a session work with. */
export type Stage = {
  client: Client
  /** Asks for a turn and gives its events. */
  stream: (wish: Extract<Effect, { do: "ask" }>, signal: AbortSignal) => AsyncIterable<TaskEvent | TaskDelta>
  /** Says what happened to the session. */
  tell: (input: Input) => void
  /** Prints lines for good. */
  print: (lines: readonly Piece[]) => void
  /** Whether there is a task to go on with. */
  hasTask: () => boolean
}

type Doable = Exclude<Effect, { do: "leave" }>

/**
 * Makes what carries out the effects of a session, one stream at a time. What the gateway refuses is printed.
 * @throws ClientProblem, Unreachable from a first turn that came to nothing
 */
export const performer = (stage: Stage): ((effect: Doable, signal: AbortSignal) => Promise<void>) => {
  // Leaving the stream is how a turn is interrupted before its task is known.
  let streaming = new AbortController()
  return async (effect, signal) => {
    try {
      if (effect.do === "ask") {
        streaming = new AbortController()
        await stream(stage, effect, AbortSignal.any([signal, streaming.signal]))
      } else if (effect.do === "interrupt" && effect.task === null) streaming.abort({ by: "user" })
      else await perform(stage, effect, signal)
    } catch (error) {
      if (signal.aborted) return
      if (!(error instanceof ClientProblem || error instanceof Unreachable) || !stage.hasTask()) throw error
      // The turn ended before the word reached it: its end says so.
      if (effect.do === "interrupt" && error instanceof ClientProblem && error.code === "turn-not-running")
        return
      stage.print([{ kind: "line", text: problemWords(error), tone: "bad" }])
      stage.tell({ type: "refused", text: "prompt" in effect ? effect.prompt : "" })
    }
  }
}

/** A refusal on one line, with its code. */
const problemWords = (error: ClientProblem | Unreachable): string =>
  error instanceof ClientProblem ? `${oneLine(error.message, 400)} (${error.code})` : error.message

const stream = async (
  { stream: open, tell }: Stage,
  effect: Extract<Effect, { do: "ask" }>,
  signal: AbortSignal,
): Promise<void> => {
  try {
    for await (const event of open(effect, signal)) tell({ type: "event", event })
  } finally {
    tell({ type: "over" })
  }
}

const perform = async (
  { client, print, tell }: Stage,
  effect: Exclude<Doable, { do: "ask" }>,
  signal: AbortSignal,
): Promise<void> => {
  const line = (text: string, tone: Piece["tone"] = "plain") => print([{ kind: "line", text, tone }])
  switch (effect.do) {
    case "say":
      return print(effect.lines.map(text => ({ kind: "line", text, tone: "dim" })))
    case "steer":
      await client.steer(effect.task, { turn: effect.turn, prompt: effect.prompt }, { signal })
      return
    case "interrupt":
      if (effect.task !== null) await client.interrupt(effect.task, { signal })
      return
    case "hand_off":
      await client.addTurn(effect.task, { prompt: effect.prompt, lane: "deep", interrupt: true }, { signal })
      return
    case "decide": {
      const { task, gate, decision, note } = effect
      await client.decideGate(task, gate, { decision, ...(note === "" ? {} : { note }) }, { signal })
      return
    }
    case "diff": {
      const pieces = diffPieces(withoutObjectNames(await client.diff(effect.task, "base", { signal })))
      return pieces.length === 0 ? line("There is no change.", "dim") : print(pieces)
    }
    case "undo": {
      const task = await client.undo(effect.task, { signal })
      tell({ type: "read", after: task.lastEventId })
      return line(undoneWords(task), "good")
    }
    case "accept": {
      const { branch } = await client.accept(effect.task, "push", { signal })
      return line(`accepted: branch ${branch} is at the source`, "good")
    }
  }
}
