import { Fault, type Key } from "@twolane/protocol"
import { type Context, fromJson } from "../context.ts"
import { accessFamily } from "../keys.ts"
import { withDeadline } from "../redis/deadline.ts"
import type { AccessStore } from "./port.ts"

/** Hashes: by id the record and its digest, by digest the id, by id when it was last used. */
const recordsKey = `${accessFamily}keys`
const digestsKey = `${accessFamily}digests`
const usedKey = `${accessFamily}used`
/** Sorted set of a team's key ids; an id begins with its time, so equal scores sort by age. */
const teamKey = (team: string): string => `${accessFamily}team:${team}`

type Kept = { key: Key; digest: string }

type Calls = Pick<AccessStore, "createKey" | "keyByDigest" | "key" | "keys" | "revokeKey" | "touchKey">

/** The keys of all teams, found by digest. */
export const keyCalls = (context: Context): Calls => {
  const { client, now } = context
  const kept = async (id: string): Promise<Kept | null> => {
    const json = await withDeadline(client.hget(recordsKey, id))
    return json === null ? null : fromJson<Kept>(json)
  }
  const living = async (id: string): Promise<Key | null> => {
    const key = (await kept(id))?.key ?? null
    return key === null || (key.expiresAt ?? Number.POSITIVE_INFINITY) <= now() ? null : key
  }
  return {
    createKey: async (key, digest) => {
      const before = await kept(key.id)
      const write = client
        .multi()
        .hset(recordsKey, key.id, JSON.stringify({ key, digest } satisfies Kept))
        .hset(digestsKey, digest, key.id)
        .zadd(teamKey(key.team), 0, key.id)
      if (before !== null && before.digest !== digest) write.hdel(digestsKey, before.digest)
      await withDeadline(write.exec())
    },
    keyByDigest: async digest => {
      const id = await withDeadline(client.hget(digestsKey, digest))
      return id === null ? null : await living(id)
    },
    key: living,
    keys: async (team, { limit, cursor }) => {
      if (cursor !== undefined && !/^key_[0-9a-z]{26}$/.test(cursor))
        throw new Fault("bad-cursor", "Use a cursor of this list.")
      const after = cursor === undefined ? "-" : `(${cursor}`
      const ids = await withDeadline(client.zrangebylex(teamKey(team), after, "+", "LIMIT", 0, limit))
      if (ids.length === 0) return { items: [], nextCursor: null }
      const [records, used] = await Promise.all([
        withDeadline(client.hmget(recordsKey, ...ids)),
        withDeadline(client.hmget(usedKey, ...ids)),
      ])
      const items = records.flatMap((json, index): Key[] => {
        if (json === null) return []
        const lastUsedAt = used[index]
        return [
          { ...fromJson<Kept>(json).key, ...(lastUsedAt == null ? {} : { lastUsedAt: Number(lastUsedAt) }) },
        ]
      })
      return { items, nextCursor: ids.length < limit ? null : (ids.at(-1) ?? null) }
    },
    revokeKey: async (team, id) => {
      const before = await kept(id)
      if (before === null || before.key.team !== team) return false
      const write = client.multi().hdel(recordsKey, id).hdel(digestsKey, before.digest)
      await withDeadline(write.hdel(usedKey, id).zrem(teamKey(team), id).exec())
      return true
    },
    touchKey: async id => void (await withDeadline(client.hset(usedKey, id, now()))),
  }
}
