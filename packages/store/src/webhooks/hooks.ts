import type { Webhook } from "@twolane/protocol"
import { type Context, fromJson } from "../context.ts"
import { hookTeamsKey, teamFamily } from "../keys.ts"
import { withDeadline } from "../redis/deadline.ts"
import { awaitSettled } from "../settle/await-settled.ts"
import type { Settling } from "../settle/settle.ts"
import type { Crypt } from "../team/crypt.ts"
import { decodeCursor, encodeCursor } from "../team/cursor.ts"
import type { WebhookStore } from "./port.ts"

/** More than this of one team are refused. */
const mostHooks = 50
/** How long the secret before the newest signs along. */
const overlapMs = 86_400_000

type Kept = { hook: Webhook; secrets: { sealed: string; until?: number }[] }

const hooksKey = (team: string): string => `${teamFamily(team)}hooks`

/** The beginning of what is kept for one webhook. */
export const hookFamily = (team: string, id: string): string => `${teamFamily(team)}hook:${id}:`

type Calls = Pick<
  WebhookStore,
  "create" | "get" | "list" | "remove" | "rotate" | "secrets" | "disable" | "teams" | "sending"
>

/** The webhooks themselves: one hash a team, their secrets encrypted. */
export const hookCalls = (context: Context, crypt: Crypt, flush: Settling["flush"]): Calls => {
  const { client, now } = context
  const seal = (team: string, id: string, secret: string) => crypt.seal(about(team, id), secret)
  const read = async (team: string, id: string): Promise<Kept | null> => {
    const json = await withDeadline(client.hget(hooksKey(team), id))
    return json === null ? null : fromJson<Kept>(json)
  }
  const readAll = async (team: string): Promise<Kept[]> => {
    const kept = await withDeadline(client.hgetall(hooksKey(team)))
    return Object.values(kept)
      .map(fromJson<Kept>)
      .toSorted((a, b) => (a.hook.id < b.hook.id ? -1 : 1))
  }
  const write = async (team: string, kept: Kept) =>
    void (await withDeadline(client.hset(hooksKey(team), kept.hook.id, JSON.stringify(kept))))
  const view = async ({ hook }: Kept): Promise<Webhook> => {
    const family = hookFamily(hook.team, hook.id)
    const [waiting, failures] = await Promise.all([
      withDeadline(client.zcard(`${family}due`)),
      withDeadline(client.hget(`${family}health`, "failures")),
    ])
    return { ...hook, waiting, failuresInRow: Number(failures ?? 0) }
  }
  return {
    create: async (hook, secret) => {
      const { team, id } = hook
      const known = await read(team, id)
      if (known === null && (await withDeadline(client.hlen(hooksKey(team)))) >= mostHooks) return false
      // What was written before must be in the stream before its place is taken.
      await awaitSettled(context, flush, team)
      const [newest] = await withDeadline(client.xrevrange(`${teamFamily(team)}events`, "+", "-", "COUNT", 1))
      await withDeadline(client.sadd(hookTeamsKey, team))
      // Its place before itself: whoever finds a webhook knows from where it hears.
      await withDeadline(client.set(`${hookFamily(team, id)}place`, newest?.[0] ?? "0-0", "NX"))
      await write(team, { hook, secrets: [{ sealed: seal(team, id, secret) }] })
      return true
    },
    get: async (team, id) => {
      const kept = await read(team, id)
      return kept === null ? null : await view(kept)
    },
    list: async (team, { limit, cursor }) => {
      const { last } = decodeCursor("webhooks", cursor)
      const rest = (await readAll(team)).filter(({ hook }) => hook.id > last)
      const items = await Promise.all(rest.slice(0, limit).map(view))
      const more = rest.length > limit && items.length > 0
      return {
        items,
        nextCursor: more ? encodeCursor({ of: "webhooks", last: items.at(-1)?.id ?? "", seen: 0 }) : null,
      }
    },
    remove: async (team, id) => {
      const family = hookFamily(team, id)
      const parts = ["place", "messages", "due", "log", "ended", "health"].map(part => `${family}${part}`)
      const done = await withDeadline(
        client
          .multi()
          .hdel(hooksKey(team), id)
          .del(...parts)
          .exec(),
      )
      return done?.[0]?.[1] === 1
    },
    rotate: async (team, id, secret) => {
      const kept = await read(team, id)
      if (kept === null) return false
      const [newest] = kept.secrets
      const before = newest === undefined ? [] : [{ ...newest, until: now() + overlapMs }]
      await write(team, { ...kept, secrets: [{ sealed: seal(team, id, secret) }, ...before] })
      return true
    },
    secrets: async (team, id) => {
      const kept = await read(team, id)
      const valid = kept?.secrets.filter(({ until }) => until === undefined || until > now()) ?? []
      return valid.map(({ sealed }) => crypt.open(about(team, id), sealed))
    },
    disable: async (team, id, because) => {
      const kept = await read(team, id)
      if (kept === null) return
      await write(team, { ...kept, hook: { ...kept.hook, disabledAt: now(), disabledBecause: because } })
    },
    teams: () => withDeadline(client.smembers(hookTeamsKey)),
    sending: async team =>
      (await readAll(team)).flatMap(({ hook }) => (hook.disabledAt === undefined ? [hook] : [])),
  }
}

const about = (team: string, id: string): string => `${team}/webhook/${id}`
