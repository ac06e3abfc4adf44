import type { Reply } from "@twolane/chat"
import type { Task, Turn } from "@twolane/protocol"
import { type Asking, askForTask, askTo, pathOf } from "../inside/asking.ts"
import { startTurn } from "../inside/start-turn.ts"
import { actingAs } from "./acting.ts"
import { decideOnce } from "./decide-once.ts"
import type { Known } from "./handle.ts"
import { type Answered, orRefusal } from "./refusal.ts"

/** A note to a turn, or the order of the next one, which ends the turn that runs where `interrupt` says so. */
type Way = { turn: string } | { interrupt: boolean }

/**
 * Gives a task what was said: as a note to the turn that runs, or as the order of the next one; answers in words which.
 * @throws Refused
 */
export const goOn = async (
  known: Known,
  asking: Asking,
  { task, prompt, lane }: { task: string } & Pick<Extract<Reply, { kind: "note" }>, "prompt" | "lane">,
): Promise<string> => {
  const running = runningTurn(await askForTask(asking, task))
  const otherLane = lane !== undefined && lane !== running?.lane
  const noting = running !== undefined && !otherLane
  const decided = await decideOnce<Way>(
    known,
    task,
    noting ? { turn: running.id } : { interrupt: running !== undefined },
  )
  let { way } = decided
  if ("turn" in way) {
    const noted = await steer(known, { task, turn: way.turn, text: prompt })
    if (!("code" in noted) || noted.code !== "turn-not-running") return wordsOf(noted, noteWords)
    way = { interrupt: false }
    await decided.change(way)
  }
  const body = {
    prompt,
    ...(lane === undefined ? {} : { lane }),
    ...(way.interrupt ? { interrupt: true } : {}),
  }
  const url = pathOf(task, "/turns?onDisconnect=continue")
  const next = await startTurn(asking, { url, body, idempotencyKey: `chat-${known.delivery}` })
  const nextLane = next.turns.at(-1)?.lane ?? next.lane
  return way.interrupt
    ? `The turn that ran is ended, and its work goes on in the ${nextLane} lane, with this as its order.`
    : `No turn was running, so this is the order of the next one, in the ${nextLane} lane.`
}

/** What is said of a note that was taken. */
export const noteWords = (): string =>
  "Noted for the turn that runs: its agent reads it before its next step. (Begin with // to speak to people only.)"

/** `one`: of several notes of one delivery, which this is. */
type Note = { task: string; turn: string; text: string; one?: string }

/** Gives a turn a note. */
export const steer = (known: Known, { task, turn, text, one = "" }: Note): Promise<Answered<unknown>> =>
  orRefusal(known.surface.markup, () =>
    actingAs(known, known, asking =>
      askTo(asking, {
        url: pathOf(task, "/steer"),
        body: { prompt: text, turn },
        idempotencyKey: `chat-steer-${known.delivery}${one}`,
      }),
    ),
  )

/** An answer in words. */
export const wordsOf = <Result>(answered: Answered<Result>, words: (result: Result) => string): string =>
  "refused" in answered ? answered.refused : words(answered.done)

/** The turn that a note can go to. */
export const runningTurn = ({ turns }: Task): Turn | undefined =>
  turns.find(({ status }) => status === "running")
