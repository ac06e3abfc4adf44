import { factsIn, type Markup } from "@twolane/chat"
import { firstOfGroup, type TaskEvent, type TaskState } from "@twolane/protocol"
import type { ChatChange, ChatRow, Store, Talk } from "@twolane/store"

// The messages of a conversation have ids that follow from what they are about, so that whoever makes one makes the same.

/** The id of a conversation's living message. */
export const statusId = (talk: Talk): string => `${talk.platform}/status/${talk.task}`
/** The id of the message that shows all candidates. */
const groupId = ({ platform, group = "" }: Talk): string => `${platform}/group/${group}`
const endId = (talk: Talk, turn: string): string => `${talk.platform}/end/${turn}`
const gateId = (talk: Talk, gate: string): string => `${talk.platform}/gate/${gate}`

const rowOf = (talk: Talk, id: string, say: ChatRow["say"], createdAt: number): ChatRow => ({
  id,
  platform: talk.platform,
  to: { kind: "talk" },
  about: { team: talk.team, task: talk.task },
  say,
  createdAt,
  failures: 0,
  posts: 0,
})

/** The living message of a conversation. */
export const statusRow = (talk: Talk, now: number): ChatChange => ({
  do: "make",
  row: rowOf(talk, statusId(talk), { kind: "status" }, now),
})

/** The message that shows all candidates, in the conversation of the first one. */
const groupRow = (talk: Talk, now: number): ChatChange[] =>
  talk.group === undefined || isWithin(talk)
    ? []
    : [{ do: "make", row: rowOf(talk, groupId(talk), { kind: "group" }, now) }]

/** Whether a conversation is in the thread of another one: that of a candidate which is not the first. */
export const isWithin = ({ group, task }: Talk): boolean =>
  group !== undefined && firstOfGroup(group) !== task

type Parts = { markup: Markup; read: () => Promise<TaskState | null> }

/** What an event means for the conversation of its task. */
export const changesOf = async (
  talk: Talk,
  event: TaskEvent,
  { markup, read }: Parts,
): Promise<ChatChange[]> => {
  const about = { team: talk.team, task: talk.task }
  const make = (id: string, say: ChatRow["say"]): ChatChange => ({
    do: "make",
    row: rowOf(talk, id, say, event.at),
  })
  const facts = factsIn(event).map((fact): ChatChange => ({ do: "fact", about, ...fact }))
  const status: ChatChange = { do: "touch", id: statusId(talk) }
  if (talk.group !== undefined && comparing.has(event.type)) facts.push({ do: "touch", id: groupId(talk) })
  switch (event.type) {
    case "turn.queued":
    case "task.reviewed":
    case "pull_request.opened":
      return [...facts, status, ...(await touchEnds(talk, read))]
    case "turn.ended":
      if (event.turn === null || event.outcome.status === "handed_off") return [...facts, status]
      return [...facts, status, make(endId(talk, event.turn), { kind: "end", turn: event.turn })]
    case "gate.opened":
      return [...facts, status, make(gateId(talk, event.gate), { kind: "gate", gate: event.gate })]
    case "gate.decided":
      return [...facts, status, { do: "touch", id: gateId(talk, event.gate) }]
    case "steer.rejected": {
      const text = `A note came too late, so the agent did not read it: ${markup.text(event.reason)} Write it again to ask for a next turn.`
      return [make(`${talk.platform}/rejected/${event.steer}`, { kind: "text", text })]
    }
    default:
      return [...facts, status]
  }
}

/** After these the candidates of a group stand otherwise beside each other. */
const comparing: ReadonlySet<TaskEvent["type"]> = new Set([
  "turn.queued",
  "turn.started",
  "turn.ended",
  "gate.opened",
  "gate.decided",
  "task.reviewed",
])

/** The ends of the last turns say something else after this: a newer turn took their buttons, or their change went out. */
const touchEnds = async (talk: Talk, read: Parts["read"]): Promise<ChatChange[]> =>
  ((await read())?.turns ?? [])
    .filter(({ endedAt }) => endedAt !== undefined)
    .slice(-2)
    .map(({ id }) => ({ do: "touch", id: endId(talk, id) }))

/** Begins a task's conversation: what has happened by then is made up for, what comes after it is heard. */
export const beginTalk = async (store: Store, talk: Talk, markup: Markup): Promise<Talk> => {
  const kept = await store.chat.begin(talk)
  const now = store.now()
  await store.chat.change([statusRow(kept, now), ...groupRow(kept, now)])
  const ref = { team: kept.team, task: kept.task }
  const events = await store.events(ref, "0-0", 500)
  const parts = { markup, read: () => store.read(ref) }
  const changes = await Promise.all(events.map(event => changesOf(kept, event, parts)))
  // The newest first: a fact that is there already stays.
  await store.chat.change(changes.reverse().flat())
  return kept
}
