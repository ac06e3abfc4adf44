import {
  type Delivery,
  type EventId,
  type TaskEvent,
  type TaskState,
  viewTask,
  type Webhook,
} from "@twolane/protocol"
import { type Context, fromJson } from "../context.ts"
import type { Hub } from "../follow/hub.ts"
import { readTeamEntries } from "../follow/team.ts"
import { teamFamily } from "../keys.ts"
import { withDeadline } from "../redis/deadline.ts"
import { readEvent, readTask, readTasks } from "../task/read.ts"
import { decodeCursor, encodeCursor } from "../team/cursor.ts"
import { hookFamily } from "./hooks.ts"
import type { WebhookStore } from "./port.ts"

/** Entries of the team's stream in one look. */
const entriesAtOnce = 200
/** More messages than this do not wait for one receiver. */
const mostWaiting = 10_000
/** So many that have ended are kept, for whoever looks what became of them. */
const mostEnded = 500
/** A message that was taken comes again after this: longer than a try may take. */
const hiddenMs = 30_000

type Calls = Pick<WebhookStore, "deliveries" | "listen" | "gather" | "take" | "told" | "settle" | "replay">

/** The messages of webhooks: which event of which task; what it says is read when it is sent. */
export const messageCalls = (context: Context, hub: Hub): Calls => {
  const { client, now } = context
  /** `succeeded` is null where no try was made. */
  const keep = async (
    { team, id }: Pick<Webhook, "team" | "id">,
    message: Delivery,
    succeeded: boolean | null,
  ): Promise<void> => {
    const due = message.status === "waiting" ? (message.nextAt ?? now()) : ""
    const word = succeeded === null ? "" : Number(succeeded)
    const args = [id, message.id, JSON.stringify(message), due, now(), word, mostEnded]
    await withDeadline(context.run("webhook-settle", [teamFamily(team)], args))
  }
  return {
    listen: (team, onGrown) => hub.listen([`${teamFamily(team)}live`], onGrown),
    gather: async hook => {
      const { team, id } = hook
      const place = await withDeadline(client.get(`${hookFamily(team, id)}place`))
      if (place === null) return false
      const { events, last, full } = await readTeamEntries(context, team, place, entriesAtOnce)
      if (last === place) return false
      const messages = await messagesFor(context, hook, events)
      await withDeadline(
        context.run(
          "webhook-gather",
          [teamFamily(team)],
          [id, place, last, now(), mostWaiting, ...messages.flatMap(each => [each.id, JSON.stringify(each)])],
        ),
      )
      return full
    },
    take: async ({ team, id }, most) => {
      const taken = await withDeadline(
        context.run("webhook-take", [teamFamily(team)], [id, now(), hiddenMs, most]),
      )
      return (taken as string[]).map(fromJson<Delivery>)
    },
    told: async (team, { task, event }) => {
      if (task === undefined || event === undefined) return null
      const ref = { team, task }
      const [state, found] = await Promise.all([readTask(context, ref), readEvent(context, ref, event)])
      return state === null || found === null ? null : { event: found, task: viewTask(state, {}) }
    },
    settle: keep,
    replay: async (team, id, message) => {
      const json = await withDeadline(client.hget(`${hookFamily(team, id)}messages`, message))
      if (json === null) return null
      const { nextAt: _nextAt, ...sent } = fromJson<Delivery>(json)
      const again: Delivery = { ...sent, status: "waiting", tries: [] }
      await keep({ team, id }, again, null)
      // Its senders look at the stream's wake-ups.
      await withDeadline(client.publish(`${teamFamily(team)}live`, "wake"))
      return again
    },
    deliveries: async (team, id, { limit, cursor }) => {
      const of = `deliveries ${id}`
      const { seen } = decodeCursor(of, cursor)
      const family = hookFamily(team, id)
      const ids = await withDeadline(client.zrevrange(`${family}log`, seen, seen + limit - 1))
      if (ids.length === 0) return { items: [], nextCursor: null }
      const records = await withDeadline(client.hmget(`${family}messages`, ...ids))
      return {
        items: records.flatMap(json => (json === null ? [] : [fromJson<Delivery>(json)])),
        nextCursor: ids.length < limit ? null : encodeCursor({ of, last: "", seen: seen + ids.length }),
      }
    },
  }
}

const messagesFor = async (
  context: Context,
  hook: Webhook,
  events: readonly TaskEvent[],
): Promise<Delivery[]> => {
  const wanted = events.filter(({ type }) => hook.events?.includes(type) ?? true)
  const fits = await fittingTasks(context, hook, [...new Set(wanted.map(({ task }) => task))])
  return wanted
    .filter(({ task }) => fits.has(task))
    .map(event => ({
      id: messageId(event),
      type: event.type,
      task: event.task,
      event: event.id,
      createdAt: context.now(),
      status: "waiting",
      tries: [],
    }))
}

/** The same for the same event, whenever and by whomever it is made. */
const messageId = ({ task, id }: { task: string; id: EventId }): string =>
  `msg_${task.slice(task.indexOf("_") + 1)}_${id}`

const fittingTasks = async (
  context: Context,
  { team, repos, labels }: Webhook,
  tasks: readonly string[],
): Promise<ReadonlySet<string>> => {
  if (repos === undefined && labels === undefined) return new Set(tasks)
  const fits = (state: TaskState | null): boolean =>
    state !== null &&
    (repos?.includes(state.repo) ?? true) &&
    (labels?.some(label => state.labels.includes(label)) ?? true)
  const states = await readTasks(context, team, tasks)
  return new Set(tasks.filter((_, index) => fits(states[index] ?? null)))
}
