import { compareEventIds, type EventId, Fault, isFault, timeOfId } from "@twolane/protocol"
import type { TaskRef } from "../port.ts"
import { type Card, cardBytes, decodeCard, decodeLog, decodeWhole, type Line, type Whole } from "./form.ts"
import { keepRecent } from "./recent.ts"
import type { Shelf } from "./shelf.ts"

/** A task in the archive: which one, and the last event that is kept of it. */
export type Away = { ref: TaskRef; last: EventId }

/**
 * Tasks that left Redis. A thing's name says up to which event it goes, so that what is written late by a process that was asleep never
 * takes the place of what came after it.
 */
export type Archive = {
  readonly shelf: Shelf
  /** Each is null when the archive has nothing of the task. @throws Fault store-unavailable when it cannot be reached. */
  card: (away: Away) => Promise<Card | null>
  log: (away: Away) => Promise<readonly Line[] | null>
  whole: (away: Away) => Promise<Whole | null>
  pack: (away: Away) => Promise<Buffer | null>
  /** Writes a task durably, and reads it again to see that it is there as it was. */
  put: (away: Away, bytes: Buffer, pack: Buffer | null) => Promise<void>
  /** Takes away what is kept of a task but for one version (null: all of it). */
  remove: (ref: TaskRef, but: EventId | null) => Promise<void>
}

/** What readers of one process share: pages of lists, and a log that somebody pages through. */
const mostCardBytes = 16 * 1024 ** 2
const mostLogBytes = 32 * 1024 ** 2

/** Opens an archive. */
export const openArchive = (shelf: Shelf): Archive => {
  const cards = keepRecent<Card>(mostCardBytes)
  const logs = keepRecent<readonly Line[]>(mostLogBytes)
  const readCard = async (name: string): Promise<Card | null> => {
    const first = await shelf.get(name, cardBytes)
    if (first === null) return null
    const card = await decodeCard(first)
    if (card !== null) return card
    const all = await shelf.get(name)
    return all && (await decodeCard(all))
  }
  /** Redis that was brought back from a backup may know an older version than the one that was kept since. */
  const newest = async <Value>(
    away: Away,
    read: (name: string) => Promise<Value | null>,
  ): Promise<Value | null> =>
    await reached(async () => {
      const found = await read(nameOf(away))
      if (found !== null) return found
      const last = (await versionsOf(shelf, away.ref)).at(-1)
      return last === undefined || last === away.last ? null : await read(nameOf({ ...away, last }))
    })
  return {
    shelf,
    card: async away => {
      const known = cards.get(nameOf(away))
      if (known !== undefined) return known
      const card = await newest(away, readCard)
      if (card !== null) cards.set(nameOf(away), card, sizeOf(card.state.fold ?? ""))
      return card
    },
    log: async away => {
      const known = logs.get(nameOf(away))
      if (known !== undefined) return known
      const log = await newest(away, async name => {
        const bytes = await shelf.get(name)
        return bytes && (await decodeLog(bytes))
      })
      if (log !== null)
        logs.set(
          nameOf(away),
          log,
          log.reduce((sum, [, json]) => sum + sizeOf(json), 0),
        )
      return log
    },
    whole: away =>
      newest(away, async name => {
        const bytes = await shelf.get(name)
        return bytes && (await decodeWhole(bytes))
      }),
    pack: away => newest(away, name => shelf.get(packOf(name))),
    put: (away, bytes, pack) =>
      reached(async () => {
        const name = nameOf(away)
        // The task comes last: where it is, its pack is.
        if (pack !== null) await putWhole(shelf, packOf(name), pack)
        await putWhole(shelf, name, bytes)
      }),
    remove: (ref, but) =>
      reached(async () => {
        for (const last of await versionsOf(shelf, ref)) {
          if (last === but) continue
          const name = nameOf({ ref, last })
          await shelf.remove(name)
          await shelf.remove(packOf(name))
        }
      }),
  }
}

const putWhole = async (shelf: Shelf, name: string, bytes: Buffer): Promise<void> => {
  await shelf.put(name, bytes)
  const found = await shelf.get(name)
  if (found?.equals(bytes) !== true) throw new Error(`${name} is not in the archive as it was written`)
}

/** `<team>/<day of its id>/<task>.<last event>`: ids sort by time, and no folder grows for ever. */
const nameOf = ({ ref, last }: Away): string => `${stemOf(ref)}${last}`
const stemOf = ({ team, task }: TaskRef): string =>
  `${team}/${new Date(timeOfId(task)).toISOString().slice(0, 10)}/${task}.`
const packOf = (name: string): string => `${name}.pack`

/** The versions that are there, the newest last. */
const versionsOf = async (shelf: Shelf, ref: TaskRef): Promise<EventId[]> => {
  const stem = stemOf(ref)
  const ends = (await shelf.list(stem)).map(name => name.slice(stem.length))
  return ends.filter(end => /^\d+-\d+$/.test(end)).toSorted(compareEventIds)
}

/** A letter takes two bytes at most in memory; what is around it, some more. */
const sizeOf = (text: string): number => 2 * text.length + 100

/** Whoever asks hears that it may come again. */
const reached = async <Value>(call: () => Promise<Value>): Promise<Value> => {
  try {
    return await call()
  } catch (error) {
    if (isFault(error)) throw error
    throw new Fault("store-unavailable", "the archive of finished tasks cannot be read", { cause: error })
  }
}
