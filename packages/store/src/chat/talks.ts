import { type Context, fromJson } from "../context.ts"
import type { Hub } from "../follow/hub.ts"
import { readTeamEntries } from "../follow/team.ts"
import { chatFamily, teamFamily } from "../keys.ts"
import type { TaskRef } from "../port.ts"
import { withDeadline } from "../redis/deadline.ts"
import { awaitSettled } from "../settle/await-settled.ts"
import type { Settling } from "../settle/settle.ts"
import type { ChatChange, ChatRow, TakenRow, Talk, TalkPlace, TalkStore } from "./port.ts"

/** Entries of a team's stream in one look. */
const entriesAtOnce = 200
/** A conversation, and its messages, are forgotten so long after its last event. */
const keptMs = 90 * 86_400_000
/** A message that was taken comes again after this: longer than a try may take. */
const hiddenMs = 90_000

/** Hash: by team, how far its stream was read. */
const placesKey = `${chatFamily}places`
const liveKey = `${chatFamily}live`
const talkKey = ({ team, task }: TaskRef): string => `${chatFamily}talk:${team}/${task}`
/** A thread of Discord is a channel of its own: a message there does not say of which other one. */
const threadKey = ({ platform, workspace, channel, thread }: TalkPlace): string =>
  `${chatFamily}thread:${platform}/${workspace}/${platform === "discord" ? "" : channel}/${thread}`

/** Conversations about tasks, and the messages in them. */
export const talkCalls = (context: Context, hub: Hub, flush: Settling["flush"]): TalkStore => {
  const { client, now } = context
  const readTalk = async (ref: TaskRef): Promise<Talk | null> => {
    const json = await withDeadline(client.hget(talkKey(ref), "talk"))
    return json === null ? null : fromJson<Talk>(json)
  }
  const keepThread = async (talk: Talk): Promise<void> => {
    const { platform, workspace, channel, thread, team, task } = talk
    if (thread === undefined) return
    const key = threadKey({ platform, workspace, channel, thread })
    await withDeadline(client.set(key, JSON.stringify({ team, task }), "PX", keptMs, "NX"))
  }
  return {
    begin: async talk => {
      // What was written before must be in the stream before its place is taken.
      await awaitSettled(context, flush, talk.team)
      const [newest] = await withDeadline(
        client.xrevrange(`${teamFamily(talk.team)}events`, "+", "-", "COUNT", 1),
      )
      await withDeadline(client.hsetnx(placesKey, talk.team, newest?.[0] ?? "0-0"))
      await withDeadline(client.hsetnx(talkKey(talk), "talk", JSON.stringify(talk)))
      await withDeadline(client.pexpire(talkKey(talk), keptMs))
      const kept = (await readTalk(talk)) ?? talk
      await keepThread(kept)
      return kept
    },
    talk: readTalk,
    taskIn: async place => {
      const json = await withDeadline(client.get(threadKey(place)))
      return json === null ? null : fromJson<TaskRef>(json)
    },
    expectThread: (talk, thread) => keepThread({ ...talk, thread }),
    setThread: async (talk, thread) => {
      const whole = { ...talk, thread }
      await withDeadline(client.hset(talkKey(talk), "talk", JSON.stringify(whole)))
      await keepThread(whole)
    },
    facts: async ref => {
      const { talk: _talk, ...facts } = await withDeadline(client.hgetall(talkKey(ref)))
      return facts
    },
    change: changes => write(context, null, changes),
    teams: () => withDeadline(client.hkeys(placesKey)),
    gather: async (team, changesOf) => {
      const place = await withDeadline(client.hget(placesKey, team))
      if (place === null) return false
      const { events, last, full } = await readTeamEntries(context, team, place, entriesAtOnce)
      if (last === place) return false
      const tasks = [...new Set(events.map(({ task }) => task))]
      const talks = await Promise.all(tasks.map(task => readTalk({ team, task })))
      const byTask = new Map(tasks.map((task, index) => [task, talks[index] ?? null]))
      const changes: ChatChange[] = []
      for (const event of events) {
        const talk = byTask.get(event.task)
        if (talk) changes.push(...(await changesOf(team, talk, event)))
      }
      await write(context, { team, from: place, to: last }, changes)
      return full
    },
    take: async (platform, most) => {
      const until = now() + hiddenMs
      const taken = await withDeadline(context.run("chat-take", [chatFamily], [platform, now(), until, most]))
      return (taken as [string, string][]).map(
        ([json, tried]): TakenRow => ({
          row: fromJson<ChatRow>(json),
          triedAt: tried === "" ? null : Number(tried),
          fence: until,
        }),
      )
    },
    settle: async ({ row, fence }, { dueAt, restMs, unsure }) => {
      const args = [row.platform, row.id, fence, JSON.stringify(row), dueAt ?? "", now(), restMs]
      const done = await withDeadline(
        context.run("chat-settle", [chatFamily], [...args, unsure ? 1 : 0, keptMs]),
      )
      return done === 1
    },
    pace: async (name, gapMs) => {
      const key = `${chatFamily}pace:${name}`
      return (await withDeadline(client.set(key, "1", "PX", gapMs, "NX"))) === "OK"
    },
    listen: onDue => hub.listen([liveKey], onDue),
  }
}

const write = async (
  context: Context,
  move: { team: string; from: string; to: string } | null,
  changes: readonly ChatChange[],
): Promise<void> => {
  if (move === null && changes.length === 0) return
  const lines = changes.map(lineOf)
  const { team, from, to } = move ?? { team: "", from: "", to: "" }
  const args = [team, from, to, context.now(), keptMs, JSON.stringify(lines)]
  await withDeadline(context.run("chat-change", [chatFamily], args))
}

const lineOf = (change: ChatChange): string[] => {
  switch (change.do) {
    case "fact":
      return [
        "fact",
        talkKey(change.about),
        change.field,
        change.json,
        ...(change.newest === true ? ["newest"] : []),
      ]
    case "make":
      return ["make", change.row.id, JSON.stringify(change.row)]
    case "touch":
      return ["touch", change.id]
  }
}
