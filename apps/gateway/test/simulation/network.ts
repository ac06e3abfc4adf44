import {
  type Answer,
  type MemoryClient,
  type MemoryRedis,
  makeMemoryClient,
  makeMemoryRedis,
} from "@twolane/testkit/memory-redis/index"
import { comeDue, type Machine } from "./machine.ts"
import type { Random } from "./random.ts"
import type { VirtualTime } from "./virtual-time.ts"

/** One Redis and the ways to it. */
export type Network = {
  redis: MemoryRedis
  /** A new connection of a machine. */
  connect: (machine: Machine) => MemoryClient
  /** Cuts all connections of a machine, or of all: some commands on the way are done, and nobody hears of it. */
  cut: (machine?: Machine) => void
  /** Nothing comes through, and nobody is told, until it is healed. */
  partition: (machine: Machine) => void
  heal: (machine: Machine) => void
  /** Writes of superseded attempts that knew the newest event all the same. */
  knowing: () => number
  /** Redis is away for a while; its data stays, as with an append-only file that is always synced. */
  outage: (forMs: number) => void
}

type Call = { words: readonly string[]; resolve: (answer: Answer) => void; reject: (error: Error) => void }
type Link = {
  machine: Machine
  memory: MemoryClient
  /** Calls that Redis has not seen yet. */
  onTheWay: Set<Call>
  /** Calls that it has done, whose answers are not there yet. */
  answered: Set<Call>
  arrivesAt: number
  answersAt: number
}

const slowestMs = 4
const reconnectMs = 100

/** Makes a network in which each way takes up to 4 ms and keeps its order. */
export const makeNetwork = (
  time: VirtualTime,
  random: Random,
  edit?: (source: string) => string,
): Network => {
  const redis = makeMemoryRedis(time.now, edit)
  const links = new Set<Link>()
  const partitioned = new Map<Machine, (() => void)[]>()
  let awayUntil = 0
  let knowing = 0
  const tell = (words: readonly string[]) => {
    const told = withNewestEvent(redis, words)
    if (told !== words) knowing += 1
    return told
  }

  const later = (link: Link, way: "arrivesAt" | "answersAt"): number => {
    link[way] = Math.max(link[way], time.now() + random.whole(0, slowestMs))
    return link[way]
  }
  const closed = () => new Error("Connection is closed.")

  const arrive = (link: Link, call: Call): void => {
    if (!link.onTheWay.has(call)) return // it was cut
    const waits = partitioned.get(link.machine)
    if (waits !== undefined) {
      waits.push(() => arrive(link, call))
      return
    }
    if (time.now() < awayUntil) {
      cutLink(link)
      return
    }
    link.onTheWay.delete(call)
    const settle = run(call)
    link.answered.add(call)
    time.at(later(link, "answersAt"), null, () => answer(link, call, settle))
  }
  const run = ({ words, resolve, reject }: Call): (() => void) => {
    try {
      const answered = redis.call(tell(words))
      return () => resolve(answered)
    } catch (error) {
      return () => reject(replyError(error))
    }
  }
  const answer = (link: Link, call: Call, settle: () => void): void => {
    if (!link.answered.has(call)) return
    const waits = partitioned.get(link.machine)
    if (waits !== undefined) {
      waits.push(() => answer(link, call, settle))
      return
    }
    link.answered.delete(call)
    comeDue(link.machine, settle)
  }
  const fail = (link: Link, { reject }: Call, error: Error): void => {
    time.at(later(link, "answersAt"), link.machine, () => reject(error))
  }
  // What was sent before arrives before: of the commands on the way, Redis has seen the first few or none.
  const cutLink = (link: Link): void => {
    const seen = time.now() < awayUntil ? 0 : random.whole(0, link.onTheWay.size)
    for (const call of [...link.onTheWay].slice(0, seen)) run(call)
    for (const call of [...link.onTheWay, ...link.answered]) fail(link, call, closed())
    link.onTheWay.clear()
    link.answered.clear()
    time.at(Math.max(awayUntil, time.now()) + reconnectMs, link.machine, () =>
      link.memory.emitter.emit("ready"),
    )
  }
  redis.onMessage((channel, message) => {
    for (const link of links) {
      if (!link.memory.channels.has(channel) || partitioned.has(link.machine)) continue
      const hear = () => link.memory.emitter.emit("message", channel, message)
      time.at(later(link, "answersAt"), link.machine, hear)
    }
  })

  return {
    redis,
    knowing: () => knowing,
    connect: machine => {
      const carry = (words: readonly string[]) =>
        new Promise<Answer>((resolve, reject) => {
          const call: Call = { words, resolve, reject }
          link.onTheWay.add(call)
          time.at(later(link, "arrivesAt"), null, () => machine.alive && arrive(link, call))
        })
      const link: Link = {
        machine,
        memory: makeMemoryClient(carry),
        onTheWay: new Set(),
        answered: new Set(),
        arrivesAt: 0,
        answersAt: 0,
      }
      links.add(link)
      return link.memory
    },
    cut: machine => {
      for (const link of links) if (machine === undefined || link.machine === machine) cutLink(link)
    },
    partition: machine => {
      if (!partitioned.has(machine)) partitioned.set(machine, [])
    },
    heal: machine => {
      const waits = partitioned.get(machine)
      if (waits === undefined) return
      partitioned.delete(machine)
      for (const go of waits) go()
      for (const link of links) if (link.machine === machine) cutLink(link)
    },
    outage: forMs => {
      awayUntil = time.now() + forMs
      for (const link of links) cutLink(link)
    },
  }
}

/** Where a call of task-append has its log's key, and what it is compared by. */
const at = { log: 4, state: 3, last: 8, attempt: 9 }

/**
 * The worst of a superseded worker's writes: one that knows the task's newest event. Only its attempt's number is wrong then, and
 * nothing but the comparison of that in Redis refuses it.
 */
const withNewestEvent = (redis: MemoryRedis, words: readonly string[]): readonly string[] => {
  const attempt = words[at.attempt]
  if (!words[at.log]?.endsWith(":log") || !attempt) return words
  const [newest, last] = redis.call(["HMGET", words[at.state] ?? "", "attempt", "last"]) as Answer[]
  if (newest === attempt || typeof last !== "string" || last === words[at.last]) return words
  return words.with(at.last, last)
}

/** As ioredis names what Redis itself answered. */
const replyError = (error: unknown): Error => {
  const reply = error instanceof Error ? error : new Error(String(error))
  reply.name = "ReplyError"
  return reply
}
