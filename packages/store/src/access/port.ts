import type { Key, Page } from "@twolane/protocol"

/** A person who is signed in on the page, for as long as the key lives. */
export type Session = {
  /** The id of the key. */
  key: string
  signedInAt: number
  /** When it ends at the latest. */
  endsAt: number
}

/** A link that signs in once. */
export type Link = {
  key: string
  /** Who made it. */
  by: string
}

/** Who may come in. Secrets come here as SHA-256 digests only: what Redis holds opens nothing. */
export type AccessStore = {
  /** Keeps a key; one with the same id is replaced, with its digest. */
  createKey(key: Key, digest: string): Promise<void>
  /** By the digest of its secret; null when there is none, also when it was revoked or has expired. */
  keyByDigest(digest: string): Promise<Key | null>
  key(id: string): Promise<Key | null>
  /** A team's keys, oldest first. @throws Fault bad-cursor */
  keys(team: string, page: { limit: number; cursor?: string }): Promise<Page<Key>>
  /** False when the team has no such key. */
  revokeKey(team: string, id: string): Promise<boolean>
  /** Says that a key was used. */
  touchKey(id: string): Promise<void>

  createLink(digest: string, link: Link, lifeMs: number): Promise<void>
  /** Uses a link up; null when it was used, has expired, or never was. */
  takeLink(digest: string): Promise<Link | null>

  createSession(digest: string, session: Session): Promise<void>
  /** A session that lives; asking for it is using it. */
  session(digest: string): Promise<Session | null>
  endSession(digest: string): Promise<void>
  /** Ends all sessions of a key. */
  endSessions(key: string): Promise<void>
}

/** A session that is not used for so long ends. */
export const sessionIdleMs = 24 * 3_600_000
