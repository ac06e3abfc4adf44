import type { Ask, Incoming } from "@twolane/chat"
import type { Page, Repo, Task } from "@twolane/protocol"
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
  { prompt, repo, lane, base, pull }: Extract<Ask, { kind: "task" }>,
): Promise<void> => {
  const { gateway, surface, delivery, say } = known
  const body = {
    repo,
    prompt,
    lane: lane ?? "auto",
    ...(base === undefined ? {} : { base }),
    ...(pull === true ? { publish: "pull_request" } : {}),
  }
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
  const { platform, workspace, channel, thread } = place
  const talk = { team: task.team, task: task.id, platform, workspace, channel }
  await beginTalk(gateway.store, thread === undefined ? talk : { ...talk, thread }, surface.markup)
  // A slash command shows only its author that it was heard.
  if (aside !== undefined)
    await say({ ...to, aside }, `It is started in the ${task.lane} lane: see the message in the channel.`)
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
