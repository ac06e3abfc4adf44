import type { Reply } from "@twolane/chat"
import { firstOfGroup, type Task } from "@twolane/protocol"
import { type Asking, askForTask } from "../inside/asking.ts"
import { decideOnce } from "./decide-once.ts"
import { goOn, runningTurn, steer } from "./go-on.ts"
import type { Known } from "./handle.ts"

type Told = { group: string; candidate?: number } & Pick<Extract<Reply, { kind: "note" }>, "prompt" | "lane">

/**
 * Gives candidates what was said in their thread: the one that was named, or all that run, or the one that was chosen. Answers in words.
 * @throws Refused
 */
export const tellCandidates = async (
  known: Known,
  asking: Asking,
  { group, candidate, ...said }: Told,
): Promise<string> => {
  const first = await askForTask(asking, firstOfGroup(group))
  const ids = first.group?.candidates.map(({ task }) => task) ?? [first.id]
  if (candidate !== undefined) {
    const task = ids[candidate - 1]
    if (task === undefined) return `There are the candidates 1 to ${ids.length}. Nothing was done.`
    return `Candidate ${candidate}: ${await goOn(known, asking, { task, ...said })}`
  }
  const tasks = await Promise.all(ids.map(id => askForTask(asking, id)))
  const { way } = await decideOnce(known, group, wayTo(tasks))
  if ("chosen" in way) return goOn(known, asking, { task: way.chosen, ...said })
  if (way.notes.length === 0 || said.lane !== undefined) {
    const example = known.surface.markup.code("candidate 1: …")
    return `Several candidates are in this thread: say which one this is for, such as ${example}. Nothing was done.`
  }
  const notes = way.notes.map(({ task, turn }) =>
    steer(known, { task, turn, text: said.prompt, one: `-${ids.indexOf(task)}` }),
  )
  const answered = await Promise.all(notes)
  const noted = answered.filter(answer => "done" in answer).length
  const refused = answered.find(answer => "refused" in answer)
  if (noted === 0 && refused !== undefined) return refused.refused
  return `Noted for ${noted === 1 ? "the candidate that runs" : `the ${noted} candidates that run`}: each agent reads it before its next step. (Begin with candidate 1: to speak to one of them, with // to people only.)`
}

/** Notes to those that run, or whatever a thread of one task would do to the one that was chosen. */
const wayTo = (tasks: readonly Task[]): { chosen: string } | { notes: { task: string; turn: string }[] } => {
  const chosen = tasks.find(({ review }) => review === "accepted")
  if (chosen !== undefined) return { chosen: chosen.id }
  const notes = tasks.flatMap(task => {
    const turn = runningTurn(task)
    return turn === undefined ? [] : [{ task: task.id, turn: turn.id }]
  })
  return { notes }
}
