import type { Archive } from "./archive/archive.ts"
import type { StoreOptions } from "./options.ts"
import type { TaskRef } from "./port.ts"
import type { Client, OnError } from "./redis/connect.ts"
import type { RunScript } from "./redis/script.ts"

/** Leases and beats, in ms. */
export type Timing = NonNullable<StoreOptions["timing"]>

/** What every part of the store works with: the process' connection to Redis, its scripts, its clock. */
export type Context = {
  client: Client
  run: RunScript
  /** Redis' clock, epoch ms. */
  now: () => number
  timing: Timing
  /** Models that metrics show by their names; null: all. */
  models: ReadonlySet<string> | null
  /** Turns of one repo that may run at once. */
  perRepo: number
  /** In a cluster no order holds between commands to different hash tags. */
  cluster: boolean
  /** Teams that this process has registered for the sweep since it last connected. */
  knownTeams: Set<string>
  /** Where tasks lie that left Redis; null: none leaves. */
  archive: Archive | null
  onError: OnError
}

/** A task's name in the queue: `<team>/<task>`. */
export const memberOf = ({ team, task }: TaskRef): string => `${team}/${task}`

/** The task of a member. */
export const refOf = (member: string): TaskRef => {
  const slash = member.indexOf("/")
  return { team: member.slice(0, slash), task: member.slice(slash + 1) }
}

/** Parses JSON that only Twolane wrote. */
export const fromJson = <Value>(text: string): Value => JSON.parse(text) as Value
