import { Lane } from "@twolane/protocol"
import type { Context } from "../context.ts"
import { queueFamily } from "../keys.ts"
import { readProviders } from "../rates/view.ts"
import { withDeadline } from "../redis/deadline.ts"
import { limitsFrom } from "./lane.ts"
import { fieldsOf } from "./limits.ts"
import { listWaiting } from "./line.ts"
import type { QueueStore } from "./port.ts"
import { repoOf } from "./room.ts"
import { readLaneDepth, readLaneQueue, readQueuePlace } from "./view.ts"

/** The store's calls about the lanes' queues. */
export const queueCalls = (context: Context): QueueStore => {
  const { client } = context
  const wake = (lane: Lane) => withDeadline(client.publish(`${queueFamily(lane)}wake`, ""))
  const limits = async (lane: Lane) =>
    limitsFrom(context, lane, await withDeadline(client.hgetall(limitsKey(lane))))
  return {
    place: state => readQueuePlace(context, state),
    waiting: (team, lane, page) => listWaiting(context, { team, lane }, page),
    queue: async (team, lane) => {
      const [queue, providers] = await Promise.all([
        readLaneQueue(context, team, lane),
        readProviders(context, lane),
      ])
      return { ...queue, providers }
    },
    depth: lane => readLaneDepth(context, lane),
    limits,
    setLimits: async (lane, change) => {
      const fields = Object.entries(fieldsOf(change))
      const kept = fields.flatMap(([name, value]) => (value === null ? [] : [name, value]))
      const gone = fields.flatMap(([name, value]) => (value === null ? [name] : []))
      if (kept.length > 0) await withDeadline(client.hset(limitsKey(lane), ...kept))
      if (gone.length > 0) await withDeadline(client.hdel(limitsKey(lane), ...gone))
      await wake(lane)
      return await limits(lane)
    },
    pause: async (lane, paused) => {
      const key = `${queueFamily(lane)}paused`
      if (paused) await withDeadline(client.set(key, "1"))
      else await withDeadline(client.del(key))
      await wake(lane)
    },
    pauseRepo: async (lane, of, paused) => {
      const key = pausedReposKey(lane)
      await withDeadline(paused ? client.sadd(key, repoOf(of)) : client.srem(key, repoOf(of)))
      await wake(lane)
    },
  }
}

/** Forgets the limits and pauses of a repo that goes, so that another one of its name begins without them. */
export const forgetRepo = async ({ client }: Context, of: { team: string; repo: string }): Promise<void> => {
  for (const lane of Lane.options) {
    await withDeadline(client.hdel(limitsKey(lane), `repo ${repoOf(of)}`))
    await withDeadline(client.srem(pausedReposKey(lane), repoOf(of)))
  }
}

const pausedReposKey = (lane: Lane): string => `${queueFamily(lane)}paused-repos`
const limitsKey = (lane: Lane): string => `${queueFamily(lane)}limits`
