import { hash } from "node:crypto"
import type { Lane } from "@twolane/protocol"
import type { TaskRef } from "./port.ts"

/**
 * Every Redis key of Twolane. One hash tag for each family that one function may touch: a task, a team, a lane's queue.
 * Text of users is hashed before it becomes part of a name; team and repo names and task ids are validated by their schemas.
 */
const prefix = "tl:"

/** The keys of one task, all under one hash tag. */
export const taskKeys = ({ team, task }: TaskRef) => {
  const family = `${prefix}{${team}/${task}}:`
  return {
    /** Hash: the fold, the last event id, the newest attempt, its lease, the newest generation that was claimed. */
    state: `${family}state`,
    /** Stream: the events, by their own ids. */
    log: `${family}log`,
    /** List: the transcript's entries. */
    script: `${family}script`,
    /** Hash: the outbox's rows. */
    effects: `${family}effects`,
    /** List of 1 MB chunks and a hash: the newest checkpoint's pack. */
    pack: `${family}pack`,
    packInfo: `${family}pack-info`,
    /** Where a pack gathers until all of it is there. */
    packDraft: `${family}pack-draft`,
    /** Channel: new events. Each attempt listens to it. */
    live: `${family}live`,
    /** Channel: live text, which only watchers listen to. */
    text: `${family}text`,
  }
}

/** The beginning of all keys of one team: indexes, repos, the team's stream. Scripts add the rest of each name. */
export const teamFamily = (team: string): string => `${prefix}{team:${team}}:`

/** The beginning of all keys of one lane's queue. */
export const queueFamily = (lane: Lane): string => `${prefix}{queue:${lane}}:`

/** BullMQ's own prefix: the same hash tag, so that a cluster serves it from one node. */
export const bullPrefix = (lane: Lane): string => `${prefix}{queue:${lane}}:bull`

/** The record of one idempotency key of one caller. */
export const idempotencyKey = (caller: string, key: string): string =>
  `${prefix}{idem:${digest(caller)}}:${digest(key)}`

/** Keys, sessions and sign-in links. They are looked up by the hash of a secret, before any team is known. */
export const accessFamily = `${prefix}{access}:`

/** The beginning of all keys of chats: people, conversations, and messages. Few, so that one hash tag does for all of them. */
export const chatFamily = `${prefix}{chat}:`

/** The beginning of all keys about providers' rate limits. */
export const ratesFamily = `${prefix}{rates}:`

/** What one platform sent, and nobody has worked yet. */
export const inboxFamily = (platform: string): string => `${prefix}{inbox:${platform}}:`

/** What machines say of their disks. */
export const diskFamily = `${prefix}{disk}:`

/** The teams that this Redis knows (set), and the lease of the process that does the upkeep. */
export const teamsKey = `${prefix}{upkeep}:teams`
export const upkeepLeaseKey = `${prefix}{upkeep}:lease`

/** Which archive has this Redis' finished tasks, and what its metrics count (hash). */
export const archiveKey = `${prefix}{upkeep}:archive`
export const archiveCountsKey = `${prefix}{upkeep}:archive-counts`

/** Who of all gateways does something that one at a time may do. */
export const leaseKey = (name: string): string => `${prefix}{lease:${digest(name)}}`

/** The teams that have webhooks (set). */
export const hookTeamsKey = `${prefix}{upkeep}:hook-teams`

/** Which repo each repository at GitHub is (hash). */
export const githubReposKey = `${prefix}{upkeep}:github-repos`

/** Text of a user as a part of a key: 16 characters of its SHA-256. */
export const digest = (text: string): string => hash("sha256", text, "base64url").slice(0, 16)
