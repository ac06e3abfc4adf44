import type { Lane, WorkerView } from "@twolane/protocol"
import { type Context, fromJson } from "../context.ts"
import { queueFamily } from "../keys.ts"
import { withDeadline } from "../redis/deadline.ts"
import { type Active, ageOf, type Entry } from "./entry.ts"
import { present, type Row, rulesOf } from "./lane.ts"
import { holdOf, hostFor, type Limits, leftFor, roomOf, type Seat, take } from "./room.ts"

/** What a lane could use: slots for what runs and for what only lacks one, and since when the first of the latter waits. */
export type Wanted = { slots: number; waitMs: number }

/** What one person has waiting in one repo: the line's name, how many, and the score of the first. */
export type Line = { name: string; count: number; head: number }

/** A lane as it is counted. */
type LaneLines = { lines: readonly Line[]; active: readonly Active[]; rules: Limits; now: number }

/** More lines than this are not looked at, nor more turns of these for how long they wait: those that have waited longest come first. */
const mostLines = 1_000
const mostAsked = 20
const mostHeads = 5

/** More than anybody could use. */
const endless = 1_000_000

/**
 * What more workers would be of use for, over all teams: it does not count what a pause, a limit, a budget or a time holds back. It costs the
 * same at any backlog.
 */
export const readWanted = async (context: Context, lane: Lane): Promise<Wanted> => {
  const counted = await readLines(context, lane)
  const given = slotsFor(counted)
  return {
    slots: counted.active.length + given.reduce((sum, { slots }) => sum + slots, 0),
    waitMs: await readWait(context, lane, given, counted.now),
  }
}

const readLines = async (context: Context, lane: Lane): Promise<LaneLines> => {
  const reply = await withDeadline(context.run("queue-wanted", [queueFamily(lane)], [mostLines]))
  const [now, paused, views, active, firsts, counts, limits, pausedRepos, stops] = reply as [
    number,
    number,
    string[],
    string[],
    Row,
    (string | null)[],
    Row,
    Row,
    Row,
  ]
  const workers = present(views.map(fromJson<WorkerView>), now, context.timing.leaseMs)
  return {
    now,
    active: active.map(fromJson<Active>),
    rules: rulesOf(context, lane, { paused: paused === 1, workers, limits, pausedRepos, stops }),
    // A version before kept no count.
    lines: counts.map((count, index) => ({
      name: firsts[2 * index] ?? "",
      head: Number(firsts[2 * index + 1]),
      count: Number(count ?? 1),
    })),
  }
}

/** How many turns of each line could run if every host had room; those that need one host count as any. Pure. */
export const slotsFor = ({ lines, active, rules, now }: LaneLines): { line: Line; slots: number }[] => {
  const there = rules.seats.map(({ holding: _holding, ...seat }): Seat => ({ ...seat, capacity: endless }))
  const anywhere: Seat[] = there.length === 0 ? [{ id: "", host: "", capacity: endless }] : []
  const room = roomOf(active, { ...rules, seats: [...there, ...anywhere] })
  return lines.flatMap(line => {
    const entry = entryOf(line)
    let slots = 0
    while (slots < line.count && holdOf(room, entry, now) === null) {
      const host = hostFor(room, entry)
      if (host === undefined) break
      const some = Math.min(line.count - slots, leftFor(room, entry, host))
      take(room, entry, host, some)
      slots += some
    }
    return slots === 0 ? [] : [{ line, slots }]
  })
}

const entryOf = ({ name, head }: Line): Entry => {
  const [team = "", repo = "", who] = name.split("/")
  return {
    team,
    repo,
    task: "",
    turn: "",
    score: head,
    queuedAt: ageOf(head),
    ...(who === undefined ? {} : { who }),
  }
}

const readWait = async (
  { client }: Context,
  lane: Lane,
  given: ReturnType<typeof slotsFor>,
  now: number,
): Promise<number> => {
  const family = queueFamily(lane)
  const asked = given.toSorted((a, b) => ageOf(a.line.head) - ageOf(b.line.head)).slice(0, mostAsked)
  const members = await withDeadline(
    Promise.all(
      asked.map(({ line, slots }) =>
        client.zrange(`${family}wait:${line.name}`, "0", String(Math.min(slots, mostHeads) - 1)),
      ),
    ),
  )
  const all = members.flat()
  if (all.length === 0) return 0
  const entries = await withDeadline(client.hmget(`${family}entry`, ...all))
  const since = entries.flatMap(json => (json === null ? [] : [sinceOf(fromJson<Entry>(json))]))
  return since.reduce((most, at) => Math.max(most, now - at), 0)
}

const sinceOf = ({ queuedAt, notBefore }: Entry): number => Math.max(queuedAt, notBefore ?? 0)
