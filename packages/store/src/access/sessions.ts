import { type Context, fromJson } from "../context.ts"
import { accessFamily } from "../keys.ts"
import { withDeadline } from "../redis/deadline.ts"
import { type AccessStore, type Link, type Session, sessionIdleMs } from "./port.ts"

const sessionKey = (digest: string): string => `${accessFamily}session:${digest}`
const linkKey = (digest: string): string => `${accessFamily}link:${digest}`
/** Hash: of a key that signed out everywhere, when; its older sessions count no more. */
const endedKey = `${accessFamily}sessions-ended`

type Calls = Pick<
  AccessStore,
  "createLink" | "takeLink" | "createSession" | "session" | "endSession" | "endSessions"
>

/** Sign-in links and sessions: records that Redis forgets by itself. */
export const sessionCalls = ({ client, now }: Context): Calls => ({
  createLink: async (digest, link, lifeMs) =>
    void (await withDeadline(client.set(linkKey(digest), JSON.stringify(link), "PX", lifeMs))),
  takeLink: async digest => {
    const json = await withDeadline(client.getdel(linkKey(digest)))
    return json === null ? null : fromJson<Link>(json)
  },
  createSession: async (digest, session) => {
    const lifeMs = Math.min(sessionIdleMs, session.endsAt - now())
    await withDeadline(client.set(sessionKey(digest), JSON.stringify(session), "PX", lifeMs))
  },
  session: async digest => {
    const json = await withDeadline(client.get(sessionKey(digest)))
    if (json === null) return null
    const session = fromJson<Session>(json)
    const lifeMs = Math.min(sessionIdleMs, session.endsAt - now())
    const [ended] = await Promise.all([
      withDeadline(client.hget(endedKey, session.key)),
      // A record that was deleted meanwhile stays deleted.
      withDeadline(client.pexpire(sessionKey(digest), Math.max(1, lifeMs))),
    ])
    return lifeMs <= 0 || session.signedInAt <= Number(ended ?? 0) ? null : session
  },
  endSession: async digest => void (await withDeadline(client.del(sessionKey(digest)))),
  endSessions: async key => void (await withDeadline(client.hset(endedKey, key, now()))),
})
