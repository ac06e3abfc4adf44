import { randomBytes } from "node:crypto"
import { derivedId } from "@twolane/protocol"
import { Redis } from "ioredis"
import { teamFamily } from "../../packages/store/src/keys.ts"
import { loadScripts, scriptRunner } from "../../packages/store/src/redis/script.ts"
import { prepare } from "../../packages/store/src/task/append.ts"
import { membershipsOf } from "../../packages/store/src/team/memberships.ts"
import { finishedTask } from "./finished.ts"
import { team } from "./store.ts"

const perCall = 500
const atATime = 3
const repos = 50
const spreadMs = 300 * 86_400_000

/** What a finished task's record says: its last event, and the indexes that it stands in. */
const saidOf = (index: number): { last: string; entries: string } => {
  const { task, events } = finishedTask(index, Date.now(), 1)
  const { after } = prepare({ ref: { team, task }, before: null, events })
  return { last: after.lastEventId, entries: membershipsOf(after) }
}

/**
 * Puts into Redis what archived tasks leave there, by the functions that the product does it with, and without the way there: their logs
 * are never written, and their archive has nothing of them. `ids` are theirs, or as many as `count`, of the 300 days before `until`.
 */
export const seedFinished = async (
  url: string,
  wish: { ids: readonly string[] } | { count: number; until: number },
  signal: AbortSignal,
): Promise<void> => {
  const client = new Redis(url)
  const run = scriptRunner(client, loadScripts())
  const said = Array.from({ length: repos }, (_, index) => saidOf(index))
  const count = "ids" in wish ? wish.ids.length : wish.count
  const idOf = (index: number): string => {
    if ("ids" in wish) return wish.ids[index] ?? ""
    return derivedId("task", wish.until - spreadMs + Math.floor((index / count) * spreadMs), randomBytes(16))
  }
  const seed = async (from: number): Promise<void> => {
    const ids = Array.from({ length: Math.min(perCall, count - from) }, (_, index) => idOf(from + index))
    const rows = ids.flatMap((task, index) => {
      const { last = "", entries = "" } = said[(from + index) % repos] ?? {}
      return [task, "0-0", last, entries, "", ""]
    })
    await run("team-settle", [teamFamily(team)], [ids.length, ...rows])
    await run("team-shorten", [teamFamily(team)], ids)
  }
  try {
    for (let at = 0; at < count; at += perCall * atATime) {
      signal.throwIfAborted()
      const froms = Array.from({ length: atATime }, (_, index) => at + index * perCall)
      await Promise.all(froms.filter(from => from < count).map(seed))
    }
  } finally {
    client.disconnect()
  }
}
