import { type Incoming, readReply } from "@twolane/chat"
import type { Task, Turn } from "@twolane/protocol"
import type { TaskRef } from "@twolane/store"
import { askForTask, askTo, pathOf } from "../inside/asking.ts"
import { startTurn } from "../inside/start-turn.ts"
import { actingAs } from "./acting.ts"
import type { Known } from "./handle.ts"
import { type Answered, orRefusal } from "./refusal.ts"

/** What is written in a task's thread: a note for the turn that runs, or the next turn; the answer says which. */
export const answerReply = async (
  known: Known,
  { team, task }: TaskRef,
  { text, place, aside }: Extract<Incoming, { kind: "reply" }>,
): Promise<void> => {
  const { surface, caller } = known
  const to = { ...place, ...(aside === undefined ? {} : { aside }) }
  const reply = readReply(text)
  // Where an answer was promised, silence would look like a failure.
  if (reply.kind === "aside")
    return aside === undefined ? undefined : known.say(to, "That was for people only.")
  if (reply.kind === "unclear") return known.say(to, surface.markup.text(reply.problem))
  if (team !== caller.team)
    return known.say(to, "This task is another team's than the one that your key is of.")
  const answered = await orRefusal(surface.markup, () =>
    actingAs(known, known, async asking => {
      const before = await askForTask(asking, task)
      const running = runningTurn(before)
      const otherLane = reply.lane !== undefined && reply.lane !== running?.lane
      if (running !== undefined && !otherLane) {
        const noted = await steer(known, { task, turn: running.id, text: reply.prompt })
        if (!("code" in noted) || noted.code !== "turn-not-running") return wordsOf(noted, noteWords)
      }
      const handsOff = running !== undefined && otherLane
      const body = {
        prompt: reply.prompt,
        ...(reply.lane === undefined ? {} : { lane: reply.lane }),
        ...(handsOff ? { interrupt: true } : {}),
      }
      const url = pathOf(task, "/turns?onDisconnect=continue")
      const next = await startTurn(asking, { url, body, idempotencyKey: `chat-${known.delivery}` })
      const lane = next.turns.at(-1)?.lane ?? next.lane
      return handsOff
        ? `The turn that ran is ended, and its work goes on in the ${lane} lane, with this as its order.`
        : `No turn was running, so this is the order of the next one, in the ${lane} lane.`
    }),
  )
  return known.say(
    to,
    wordsOf(answered, words => words),
  )
}

/** A note that was written in a form, for the turn that it was opened for. */
export const giveNote = async (
  known: Known,
  { task, turn, text, place, aside }: Extract<Incoming, { kind: "note" }>,
): Promise<void> => {
  const noted = await steer(known, { task, turn, text })
  return known.say({ ...place, ...(aside === undefined ? {} : { aside }) }, wordsOf(noted, noteWords))
}

const noteWords = (): string =>
  "Noted for the turn that runs: its agent reads it before its next step. (Begin with // to speak to people only.)"

type Note = { task: string; turn: string; text: string }

const steer = (known: Known, { task, turn, text }: Note): Promise<Answered<unknown>> =>
  orRefusal(known.surface.markup, () =>
    actingAs(known, known, asking =>
      askTo(asking, {
        url: pathOf(task, "/steer"),
        body: { prompt: text, turn },
        idempotencyKey: `chat-steer-${known.delivery}`,
      }),
    ),
  )

const wordsOf = <Result>(answered: Answered<Result>, words: (result: Result) => string): string =>
  "refused" in answered ? answered.refused : words(answered.done)

/** The turn that a note can go to. */
export const runningTurn = ({ turns }: Task): Turn | undefined =>
  turns.find(({ status }) => status === "running")
