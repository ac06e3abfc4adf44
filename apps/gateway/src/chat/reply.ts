import { type Incoming, type Reply, readReply, takeCandidate } from "@twolane/chat"
import type { TaskRef } from "@twolane/store"
import type { Asking } from "../inside/asking.ts"
import { actingAs } from "./acting.ts"
import { goOn, noteWords, steer, wordsOf } from "./go-on.ts"
import type { Known } from "./handle.ts"
import { orRefusal } from "./refusal.ts"
import { tellCandidates } from "./tell-candidates.ts"

/** What is written in a task's thread: a note for the turn that runs, or the next turn; the answer says which. */
export const answerReply = async (
  known: Known,
  ref: TaskRef,
  { text, place, aside }: Extract<Incoming, { kind: "reply" }>,
): Promise<void> => {
  const { gateway, surface, caller } = known
  const to = { ...place, ...(aside === undefined ? {} : { aside }) }
  const group = (await gateway.store.chat.talk(ref))?.group
  const { candidate, rest } = group === undefined ? { rest: text } : takeCandidate(text)
  const reply = readReply(rest)
  // Where an answer was promised, silence would look like a failure.
  if (reply.kind === "aside")
    return aside === undefined ? undefined : known.say(to, "That was for people only.")
  if (reply.kind === "unclear") return known.say(to, surface.markup.text(reply.problem))
  if (ref.team !== caller.team)
    return known.say(to, "This task is another team's than the one that your key is of.")
  const act = (asking: Asking) =>
    group === undefined
      ? goOn(known, asking, { task: ref.task, ...noteOf(reply) })
      : tellCandidates(known, asking, {
          group,
          ...(candidate === undefined ? {} : { candidate }),
          ...noteOf(reply),
        })
  const answered = await orRefusal(surface.markup, () => actingAs(known, known, act))
  return known.say(
    to,
    wordsOf(answered, words => words),
  )
}

const noteOf = ({ prompt, lane }: Extract<Reply, { kind: "note" }>) => ({
  prompt,
  ...(lane === undefined ? {} : { lane }),
})

/** A note that was written in a form, for the turn that it was opened for. */
export const giveNote = async (
  known: Known,
  { task, turn, text, place, aside }: Extract<Incoming, { kind: "note" }>,
): Promise<void> => {
  const noted = await steer(known, { task, turn, text })
  return known.say({ ...place, ...(aside === undefined ? {} : { aside }) }, wordsOf(noted, noteWords))
}
