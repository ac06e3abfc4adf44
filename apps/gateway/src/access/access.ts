import { timingSafeEqual } from "node:crypto"
import type { Logger } from "@twolane/common"
import type { Key } from "@twolane/protocol"
import type { Store } from "@twolane/store"
import { type Caller, defaultTeam } from "../http/auth.ts"
import { csrfOf, digestOf, newSecret, sha256 } from "./secrets.ts"

/** Who may come in. */
export type Access = {
  /** Whose key it is; null for nobody's. */
  byKey(secret: string): Promise<Caller | null> | Caller | null
  /** Who is signed in with this token. */
  bySession(token: string): Promise<Caller | null>
  /** The owner of a key, as if by that key. */
  byId(id: string): Promise<Caller | null>
  /** A key for requests of our own on somebody's behalf; it opens this process alone, until it is disposed. */
  lend(caller: Caller): Disposable & { secret: string }
  /** Whether the key, and the session, that a caller came with still let it in. */
  mayStay(caller: Caller): Promise<boolean>
  /** Asks anew next time: a session has ended. */
  forget(): void
}

/** What is known is asked for anew after so long: a key that was revoked anywhere opens nothing here any more. */
export const freshMs = 2_000
/** Keys that are seen within `freshMs`; more are not kept. */
const maxKept = 10_000
const touchEveryMs = 60_000

type Parts = { store: Pick<Store, "access">; apiKey: string; log: Logger }

/** Keys are the one of the settings, and those in the store, which also has the sessions. */
export const openAccess = ({ store, apiKey, log }: Parts): Access => {
  const operator = operatorOf(apiKey)
  const digest = sha256(apiKey)
  const fresh = keepFresh()
  const used = new Map<string, number>()
  const lent = new Map<string, Caller>()
  const touch = (id: string): void => {
    const now = performance.now()
    if (now - (used.get(id) ?? Number.NEGATIVE_INFINITY) < touchEveryMs) return
    if (used.size > maxKept) used.clear()
    used.set(id, now)
    store.access.touchKey(id).catch((error: unknown) => log.warn({ error }, "a key's use was not noted"))
  }
  const callerOf = (key: Key | null): Caller | null => {
    if (key === null) return null
    touch(key.id)
    return {
      actor: { key: key.id, name: key.name },
      team: key.team,
      role: key.role,
      email: key.email ?? null,
      isOperator: false,
      session: null,
    }
  }
  const byId = async (id: string): Promise<Caller | null> =>
    id === operator.actor.key ? operator : callerOf(await store.access.key(id))
  return {
    byKey: secret => {
      if (timingSafeEqual(sha256(secret), digest)) return operator
      const kept = digestOf(secret)
      const borrower = lent.get(kept)
      if (borrower !== undefined) return borrower
      return fresh.get(`key ${kept}`, async () => callerOf(await store.access.keyByDigest(kept)))
    },
    bySession: token => {
      const kept = digestOf(token)
      return fresh.get(`session ${kept}`, async () => {
        const session = await store.access.session(kept)
        if (session === null) return null
        const caller = await byId(session.key)
        const { signedInAt, endsAt } = session
        return caller && { ...caller, session: { digest: kept, csrf: csrfOf(token), signedInAt, endsAt } }
      })
    },
    byId,
    lend: caller => {
      const secret = newSecret()
      lent.set(digestOf(secret), caller)
      return { secret, [Symbol.dispose]: () => void lent.delete(digestOf(secret)) }
    },
    mayStay: async ({ actor, session }) => {
      if (session !== null && (await store.access.session(session.digest)) === null) return false
      return (await byId(actor.key)) !== null
    },
    forget: fresh.clear,
  }
}

/** The key of the settings: the first admin, whom no one can revoke but by changing it. */
const operatorOf = (apiKey: string): Caller => ({
  actor: { key: `key_${sha256(apiKey).toString("hex").slice(0, 26)}`, name: "admin" },
  team: defaultTeam,
  role: "admin",
  email: null,
  isOperator: true,
  session: null,
})

type Kept = { caller: Promise<Caller | null>; until: number }

/** Callers that were found just now. Nobody is kept who was not found: a key works as soon as it was made. */
const keepFresh = () => {
  const kept = new Map<string, Kept>()
  return {
    get: async (name: string, find: () => Promise<Caller | null>): Promise<Caller | null> => {
      const now = performance.now()
      const known = kept.get(name)
      if (known !== undefined && known.until > now) return known.caller
      if (kept.size > maxKept) kept.clear()
      const entry = { caller: find(), until: now + freshMs }
      kept.set(name, entry)
      const drop = () => {
        if (kept.get(name) === entry) kept.delete(name)
      }
      try {
        const caller = await entry.caller
        if (caller === null) drop()
        return caller
      } catch (error) {
        drop()
        throw error
      }
    },
    clear: () => kept.clear(),
  }
}
