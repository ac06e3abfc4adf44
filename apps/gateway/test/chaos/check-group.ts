import { isDeepStrictEqual } from "node:util"
import type { Group, TaskEvent } from "@twolane/protocol"
import { only, runGit } from "@twolane/testkit"
import type { Caller } from "./caller.ts"
import type { Ended } from "./check-remote.ts"
import { lastTree } from "./check-tree.ts"
import { sizeOf } from "./group.ts"

/** What the groups of requests for candidates came to, and should not have. */
export const checkGroups = async (
  caller: Caller,
  ended: readonly Ended[],
  mirrorsOf: (repo: string) => readonly string[],
): Promise<string[]> => {
  const wrong: string[] = []
  const groups = Map.groupBy(ended, ({ task }) => task.group?.id ?? "")
  for (const { story, task } of groups.get("") ?? [])
    if (sizeOf(story.errand) > 1) wrong.push(`${task.id}, a candidate, belongs to no group`)
  groups.delete("")
  for (const [id, tasks] of groups) {
    const said = (await caller.ask("GET", `/v1/groups/${id}`)).body as Group
    const found = [...checkMembers(said, tasks), ...checkChoice(tasks), ...checkRace(tasks)]
    for (const one of tasks) found.push(...(await checkKept(one, mirrorsOf(one.task.repo))))
    wrong.push(...found.map(fault => `${id}: ${fault}`))
  }
  return wrong
}

/** A group is the candidates that were asked for, each once, and all of them know it. */
const checkMembers = (said: Group, tasks: readonly Ended[]): string[] => {
  const wrong: string[] = []
  const [first] = tasks
  const asked = first === undefined ? 0 : sizeOf(first.story.errand)
  const ids = tasks.map(({ task }) => task.id).toSorted()
  if (tasks.length !== asked) wrong.push(`${tasks.length} tasks, of ${asked} candidates that were asked for`)
  if (!isDeepStrictEqual(said.candidates.map(({ task }) => task).toSorted(), ids))
    wrong.push(`it shows ${said.candidates.map(({ task }) => task).join()}, and has ${ids.join()}`)
  if (said.status !== "ended") wrong.push(`it is ${said.status}`)
  if (tasks.some(({ task }) => !isDeepStrictEqual(task.group, first?.task.group)))
    wrong.push("its tasks do not agree on it")
  if (new Set(tasks.map(({ task }) => task.branch)).size !== tasks.length) wrong.push("two have one branch")
  const bases = new Set(tasks.flatMap(({ log }) => only(log, "turn.started").map(({ base }) => base)))
  if (bases.size > 1) wrong.push(`they began at ${[...bases].join()}`)
  return wrong
}

/** One is accepted at most; then all others are discarded, once, and name it. */
const checkChoice = (tasks: readonly Ended[]): string[] => {
  const accepted = tasks.filter(({ task }) => task.review === "accepted")
  if (accepted.length > 1) return [`${accepted.length} were accepted`]
  const [chosen] = accepted
  return tasks.flatMap(({ task, log }) => {
    const discards = only(log, "task.reviewed").filter(({ decision }) => decision === "discarded")
    if (chosen === undefined)
      return discards.length === 0 ? [] : [`${task.id} was discarded, and none was chosen`]
    if (task.id === chosen.task.id) return []
    const named = discards.map(event => event.chosen)
    return isDeepStrictEqual(named, [chosen.task.id])
      ? []
      : [`${task.id} was discarded ${named.length} times for ${named.join()}, not once for ${chosen.task.id}`]
  })
}

/** Whom a race cancels: a deep candidate whose fast one has won, once. Nobody else cancels a candidate in this suite. */
const checkRace = (tasks: readonly Ended[]): string[] => {
  const fast = tasks.find(({ story }) => story.errand.does === "race" && story.errand.lane === "fast")
  const won = fast !== undefined && isGreen(fast)
  return tasks.flatMap(one => {
    const { task, log } = one
    const asked = only(log, "cancel.requested")
    if (one === fast || !won)
      return asked.length === 0 ? [] : [`${task.id} was canceled, and no other had won`]
    if (asked.length > 1) return [`${task.id} was canceled ${asked.length} times`]
    const [turn] = task.turns
    if (asked.length === 1 && turn?.status !== "canceled")
      return [`${task.id} had lost, and is ${turn?.status}`]
    const [end] = only(log, "turn.ended")
    return asked.length === 0 && endOf(fast.log) < (end?.at ?? 0) - losingMs
      ? [`${task.id} was left to run after the race was won`]
      : []
  })
}

/** Done, with a change, and tests that say so: what took its own red file away again has proved nothing. */
const isGreen = ({ task, log }: Ended): boolean =>
  task.turns[0]?.status === "succeeded" &&
  only(log, "tests.ended").at(-1)?.status === "passed" &&
  (only(log, "change.ready").at(-1)?.files ?? 0) > 0

/** A moment before the loser hears of it; while Redis or all processes are away, longer: a minute of that is a plan's most. */
const losingMs = 60_000

const endOf = (log: readonly TaskEvent[]): number => only(log, "turn.ended")[0]?.at ?? 0

/** What a candidate did stays: a ref of some mirror leads to it. */
const checkKept = async ({ task, log }: Ended, mirrors: readonly string[]): Promise<string[]> => {
  const last = lastTree(log)
  if (last === null) return []
  const refs = await Promise.all(
    mirrors.map(mirror =>
      runGit(mirror, ["for-each-ref", "--contains", last, "--format=%(refname)"]).catch(() => ""),
    ),
  )
  return refs.some(names => names !== "") ? [] : [`${task.id} did ${last}, and no ref keeps it`]
}
