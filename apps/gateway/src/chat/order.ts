import type { Ask, Incoming, Place } from "@twolane/chat"
import { isRace, type Page, type Repo, type Task } from "@twolane/protocol"
import { askFor, Refused } from "../inside/asking.ts"
import { startTurn } from "../inside/start-turn.ts"
import { actingAs } from "./acting.ts"
import { beginTalk } from "./changes.ts"
import type { Known } from "./handle.ts"
import { orRefusal } from "./refusal.ts"

const mostRepos = 20

/** Starts the task that an order asks for, and its conversation. */
export const startTask = async (
  known: Known,
  { place, aside }: Extract<Incoming, { kind: "order" }>,
  { kind: _order, pull, lane, ...wishes }: Extract<Ask, { kind: "task" }>,
): Promise<void> => {
  const { surface, delivery, say } = known
  const body = { ...wishes, lane: lane ?? "auto", ...(pull === true ? { publish: "pull_request" } : {}) }
  const call = { url: "/v1/tasks?onDisconnect=continue", body, idempotencyKey: `chat-${delivery}` }
  const to = { channel: place.channel, ...(place.thread === undefined ? {} : { thread: place.thread }) }
  const started = await orRefusal(surface.markup, () =>
    actingAs(known, known, asking => startTurn(asking, call)),
  )
  if ("refused" in started)
    return say(
      { ...to, ...(aside === undefined ? {} : { aside }) },
      `${started.refused}${await repoWords(known, started.code)}`,
    )
  const task: Task = started.done
  await beginTalks(known, place, task)
  // A slash command shows only its author that it was heard.
  if (aside !== undefined) await say({ ...to, aside }, startedWords(task))
}

/** The conversation of a task; of candidates each has its own, all in one thread. */
const beginTalks = async (
  { gateway: { store }, surface: { markup } }: Known,
  { platform, workspace, channel, thread }: Place,
  { team, id, group }: Task,
): Promise<void> => {
  const of = group === undefined ? {} : { group: group.id }
  const at = { team, platform, workspace, channel, ...(thread === undefined ? {} : { thread }), ...of }
  const tasks = group?.candidates.map(({ task }) => task) ?? [id]
  for (const task of tasks) await beginTalk(store, { ...at, task }, markup)
}

const startedWords = ({ lane, group }: Task): string => {
  if (group === undefined) return `It is started in the ${lane} lane: see the message in the channel.`
  const what = isRace(group) ? "A race is" : `${group.candidates.length} candidates are`
  return `${what} started: see the message in the channel.`
}

/** Where there is no such repo: which ones there are. */
const repoWords = async (known: Known, code: string): Promise<string> => {
  if (code !== "not-found") return ""
  const { markup } = known.surface
  try {
    const list = (asking: Parameters<typeof askFor>[0]) =>
      askFor<Page<Repo>>(asking, `/v1/repos?limit=${mostRepos}`)
    const { items } = await actingAs(known, known, list)
    if (items.length === 0) return "\nThe team has no repos yet."
    return `\nThere are ${items.map(({ name }) => markup.code(name)).join(", ")}.`
  } catch (error) {
    if (!(error instanceof Refused)) throw error
    return ""
  }
}
