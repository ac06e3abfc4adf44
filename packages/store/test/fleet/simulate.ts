import type { QueueHold } from "@twolane/protocol"
import { memberOf } from "../../src/context.ts"
import { type Active, type Entry, rankOf, scoreOf } from "../../src/queue/entry.ts"
import { hidesMore, type Pick, pick, type Situation } from "../../src/queue/pick.ts"
import { holdOf, type Limits, repoOf, roomOf } from "../../src/queue/room.ts"
import { personOf, type Shares } from "../../src/queue/shares.ts"

/** A turn as somebody asks for it. */
export type Ask = {
  team: string
  who: string
  repo: string
  priority?: "urgent" | "normal"
  host?: string
  notBefore?: number
}

/** A start: who, when, and what the queue had said last of why it waits; null when it started at once. */
export type Start = { entry: Entry; host: string; at: number; said: QueueHold | null }

/**
 * A fleet over the real picker. Redis is a few maps, and each look is made by a picker that knows nothing but what it reads there: as
 * after a restart, or in another process.
 */
export type Fleet = {
  now: () => number
  starts: readonly Start[]
  waiting: () => readonly Entry[]
  active: () => readonly Active[]
  /** By how many later turns of its team and priority each turn was passed while it was its person's next and could run. */
  overtaken: ReadonlyMap<string, number>
  ask: (wish: Ask) => void
  /** Ends the turn that runs for longest, or the one at this place. */
  end: (at?: number) => void
  /** Changes the rules: workers that come and go, limits, pauses. */
  change: (rules: Partial<Limits>) => void
  pass: (ms: number) => void
  /** Looks until nothing more can start. */
  settle: () => void
  /** Keeps what the queue says of everything that waits. */
  explain: () => void
}

const fewHeads = 8

/** What waits, the best first, in all the rows that a look or a count reads. */
const makeLines = () => {
  const rows = { repo: new Map<string, Entry[]>(), person: new Map<string, Entry[]>() }
  const keysOf = (entry: Entry) =>
    [
      [rows.repo, `${repoOf(entry)}/${entry.who}`],
      [rows.person, `${personOf(entry)} ${rankOf(entry)}`],
    ] as const
  return {
    ofRepos: () => [...rows.repo.values()],
    ofPeople: (team: string, rank: number) =>
      [...rows.person].flatMap(([key, row]) =>
        key.startsWith(`${team}/`) && key.endsWith(` ${rank}`) ? [row] : [],
      ),
    add: (entry: Entry) => {
      for (const [index, key] of keysOf(entry)) {
        const row = index.get(key) ?? []
        index.set(key, row)
        const at = row.findLastIndex(({ score }) => score < entry.score)
        row.splice(at + 1, 0, entry)
      }
    },
    remove: (entry: Entry) => {
      for (const [index, key] of keysOf(entry)) {
        const row = index.get(key) ?? []
        row.splice(row.indexOf(entry), 1)
        if (row.length === 0) index.delete(key)
      }
    },
  }
}

/** Opens a fleet by its rules. */
export const openFleet = (first: Limits): Fleet => {
  let now = 1_000
  let rules = first
  let asked = 0
  const waiting = new Map<string, Entry>()
  const lines = makeLines()
  const active: Active[] = []
  const starts: Start[] = []
  const said = new Map<string, QueueHold>()
  const overtaken = new Map<string, number>()
  const spent = new Map<string, number>()
  const passed = new Map<string, number>()

  const shares = (): Shares => ({ spent: new Map(spent), passed: new Map(passed) })
  const read = (heads: number): Situation => {
    const rows = lines.ofRepos().map(line => line.slice(0, heads))
    return { waiting: rows, active: [...active], rules, shares: shares(), now }
  }
  const start = ({ entry, host }: Pick) => {
    countOvertaken(entry)
    waiting.delete(entry.task)
    lines.remove(entry)
    passed.delete(memberOf(entry))
    active.push(ticketOf(entry, host, now))
    starts.push({ entry, host, at: now, said: said.get(entry.task) ?? null })
  }
  /** Told without the picker: each person's oldest turn that could start in this moment, of the same team and priority. */
  const countOvertaken = (started: Entry) => {
    const room = roomOf(active, rules)
    for (const line of lines.ofPeople(started.team, rankOf(started))) {
      const next = line.find(entry => entry.score >= started.score || holdOf(room, entry, now) === null)
      if (next !== undefined && next.score < started.score)
        overtaken.set(next.task, (overtaken.get(next.task) ?? 0) + 1)
    }
  }
  const settle = () => {
    for (let heads = fewHeads; ; ) {
      const seen = read(heads)
      const choice = pick(seen)
      for (const one of choice.picks) start(one)
      for (const [name, value] of choice.spent) spent.set(name, value)
      for (const [member, times] of choice.passed)
        if (waiting.has(member.split("/")[1] ?? "")) passed.set(member, times)
      const hidden = hidesMore(seen, choice, heads)
      if (choice.picks.length === 0 && !hidden) break
      heads = hidden ? heads * 4 : fewHeads
    }
  }
  /** Everything that waits says why; what has no reason to wait should not. */
  const explain = () => {
    const room = roomOf(active, rules)
    said.clear()
    for (const entry of waiting.values()) {
      const hold = holdOf(room, entry, now)
      if (hold === null) throw new Error(`${entry.task} could start, and nobody starts it`)
      said.set(entry.task, hold)
    }
  }
  return {
    now: () => now,
    starts,
    waiting: () => [...waiting.values()],
    active: () => active,
    overtaken,
    ask: ({ priority = "normal", ...wish }) => {
      now += 1
      asked += 1
      const task = `task_${asked}`
      const entry: Entry = {
        ...wish,
        task,
        turn: `turn_${asked}`,
        score: scoreOf(priority, now),
        queuedAt: now,
      }
      waiting.set(task, entry)
      lines.add(entry)
    },
    end: (at = 0) => void active.splice(at, 1),
    change: more => {
      rules = { ...rules, ...more }
    },
    pass: ms => {
      now += ms
    },
    settle,
    explain,
  }
}

/** A turn whose ticket is out. */
export const ticketOf = (entry: Entry, host: string, at: number): Active => {
  const { team, task, turn, repo, who = "" } = entry
  const urgent = rankOf(entry) === 1 ? { urgent: true as const } : {}
  return { team, task, turn, repo, who, host, state: "ticketed", fence: "1", at, ...urgent }
}

/** How many of some starts each key has. */
export const startsBy = (starts: readonly Start[], keyOf: (entry: Entry) => string): Map<string, number> =>
  new Map([...Map.groupBy(starts, ({ entry }) => keyOf(entry))].map(([key, list]) => [key, list.length]))

/** Whether what the queue said still stands, told from the bare numbers and not by the picker. */
export const stillHeld = (
  hold: QueueHold,
  entry: Entry,
  { active, rules, now }: { active: readonly Active[]; rules: Limits; now: number },
): boolean => {
  const running = (fits: (turn: Active) => boolean) => active.filter(fits).length
  const { limits, seats } = rules
  const own = limits.teams?.[entry.team]
  const usable = seats.filter(({ host }) => entry.host === undefined || host === entry.host)
  switch (hold) {
    case "after":
      return entry.after !== undefined
    case "expired":
      return (entry.startBy ?? now) < now
    case "not-before":
      return (entry.notBefore ?? 0) > now
    case "paused":
      return rules.paused
    case "budget":
      return rules.stops.has(entry.team)
    case "repo-paused":
      return rules.pausedRepos.has(repoOf(entry))
    case "no-worker":
      return usable.length === 0
    case "holding":
      return usable.every(({ holding }) => holding !== undefined)
    case "repo":
      return running(turn => repoOf(turn) === repoOf(entry)) >= (own?.repos?.[entry.repo] ?? limits.perRepo)
    case "team":
      return running(({ team }) => team === entry.team) >= (own?.atOnce ?? limits.perTeam ?? 1e9)
    case "person":
      return (
        running(turn => personOf(turn) === personOf(entry)) >= (own?.perPerson ?? limits.perPerson ?? 1e9)
      )
    case "slots":
      return usable.every(({ host }) => freeOf(host, active, seats) <= 0)
    case "provider":
      return usable.every(
        ({ host, provider }) =>
          freeOf(host, active, seats) <= 0 ||
          running(turn => seats.find(seat => seat.host === turn.host)?.provider === provider) >=
            (limits.perProvider ?? 1e9),
      )
    case "reserved": {
      const free = [...new Set(seats.map(({ host }) => host))].map(host =>
        Math.max(0, freeOf(host, active, seats)),
      )
      const kept = Object.entries(limits.teams ?? {})
        .filter(([team]) => team !== entry.team)
        .map(([team, { reserved = 0 }]) => Math.max(0, reserved - running(turn => turn.team === team)))
      const urgent =
        rankOf(entry) === 1 ? 0 : Math.max(0, (limits.urgent ?? 0) - running(turn => turn.urgent === true))
      return sum(free) <= sum(kept) + urgent
    }
  }
}

const freeOf = (host: string, active: readonly Active[], seats: Limits["seats"]): number =>
  sum(
    seats.filter(seat => seat.host === host && seat.holding === undefined).map(({ capacity }) => capacity),
  ) - active.filter(turn => turn.host === host).length

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)
