import { randomBytes } from "node:crypto"
import { derivedId } from "@twolane/protocol"
import { Redis } from "ioredis"
import { teamFamily } from "../../packages/store/src/keys.ts"
import { loadScripts, type RunScript, scriptRunner } from "../../packages/store/src/redis/script.ts"
import { prepare } from "../../packages/store/src/task/append.ts"
import { membershipsOf } from "../../packages/store/src/team/memberships.ts"
import { finishedTask } from "./finished.ts"
import { team } from "./store.ts"

const perCall = 2_000
const repos = 50
const spreadMs = 300 * 86_400_000

/** What archived tasks of one repo leave in Redis, each under its id: a record, and an entry in each of some indexes. */
type Left = { record: string; indexes: string[] }

/** Settles a finished task and makes its record short, by the store's own functions; takes it away again, and answers what it left. */
const leaveOne = async (client: Redis, run: RunScript, index: number): Promise<Left> => {
  const { task, events } = finishedTask(index, Date.now(), 1)
  const { after } = prepare({ ref: { team, task }, before: null, events })
  const entries = membershipsOf(after)
  await run("team-settle", [family], [1, task, "0-0", after.lastEventId, entries, "", ""])
  await run("team-shorten", [family], [task])
  const record = (await client.hget(`${family}tasks`, task)) ?? ""
  const indexes = entries.split("\n").map(name => `${family}x:${name}`)
  await Promise.all([client.hdel(`${family}tasks`, task), ...indexes.map(key => client.zrem(key, task))])
  return { record, indexes }
}

const family = teamFamily(team)

/**
 * Puts into Redis what archived tasks leave there, without the way there: one of each repo goes it, and the others are put beside it as it
 * was. Their logs are never written, and their archive has nothing of them. `ids` are theirs, or as many as `count`, of the 300
 * days before `until`.
 */
export const seedFinished = async (
  url: string,
  wish: { ids: readonly string[] } | { count: number; until: number },
  signal: AbortSignal,
): Promise<void> => {
  const client = new Redis(url)
  const count = "ids" in wish ? wish.ids.length : wish.count
  const idOf = (index: number): string => {
    if ("ids" in wish) return wish.ids[index] ?? ""
    return derivedId("task", wish.until - spreadMs + Math.floor((index / count) * spreadMs), randomBytes(16))
  }
  try {
    const run = scriptRunner(client, loadScripts())
    const left = await Promise.all(Array.from({ length: repos }, (_, index) => leaveOne(client, run, index)))
    let written: Promise<unknown> = Promise.resolve()
    for (let at = 0; at < count; at += perCall) {
      signal.throwIfAborted()
      const records: string[] = []
      const members = new Map<string, (string | number)[]>()
      for (let index = at; index < Math.min(count, at + perCall); index += 1) {
        const { record = "", indexes = [] } = left[index % repos] ?? {}
        const task = idOf(index)
        records.push(task, record)
        for (const key of indexes) {
          const known = members.get(key) ?? []
          known.push(0, task)
          members.set(key, known)
        }
      }
      // The next ones are prepared while Redis writes these.
      await written
      written = Promise.all([
        client.hset(`${family}tasks`, records),
        ...[...members].map(([key, pairs]) => client.zadd(key, ...pairs)),
      ])
    }
    await written
  } finally {
    client.disconnect()
  }
}
