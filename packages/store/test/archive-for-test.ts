import { randomBytes } from "node:crypto"
import type { NewEvent } from "@twolane/protocol"
import { derivedId, noUsage } from "@twolane/protocol"
import { makeTempFolder, startS3 } from "@twolane/testkit"
import { openFiles } from "../src/archive/files.ts"
import { openS3 } from "../src/archive/s3.ts"
import type { Shelf } from "../src/archive/shelf.ts"
import type { Store, TaskRef } from "../src/index.ts"
import { type Bench, ended, message, newTask, startBench } from "./open-for-test.ts"

export const dayMs = 86_400_000
export const policy = { keepMs: 30 * dayMs, dropMs: null }
export const always = async () => true

/** What each test of the archive runs on. */
export const archiveKinds = [
  { name: "files, beside a single Redis", cluster: false, s3: false },
  { name: "files, beside a one-node cluster", cluster: true, s3: false },
  { name: "S3, beside a single Redis", cluster: false, s3: true },
]

/** A Redis, and its archive. */
export type ArchiveBench = AsyncDisposable & {
  bench: Bench
  folder: string
  shelf: Shelf
  /** A store that has the archive. */
  store: Store
  /** Another process' store, with an archive of its own opening. */
  another: () => Promise<Store>
}

export const startArchive = async (
  options: { cluster?: boolean; s3?: boolean } = {},
): Promise<ArchiveBench> => {
  const folder = await makeTempFolder("twl-archive-")
  const s3 = options.s3 === true ? await startS3() : null
  const openShelf = () => (s3 === null ? openFiles(folder.path) : openS3({ ...s3, prefix: "of/twolane" }))
  const bench = await startBench(options)
  const shelf = openShelf()
  const another = () => bench.open({ archive: openShelf() })
  return {
    bench,
    folder: folder.path,
    shelf,
    store: await bench.open({ archive: shelf }),
    another,
    [Symbol.asyncDispose]: async () => {
      await bench[Symbol.asyncDispose]()
      await s3?.[Symbol.asyncDispose]()
      await folder[Symbol.asyncDispose]()
    },
  }
}

/** A task that ended so many days ago. */
export const finished = async (
  store: Store,
  daysAgo: number,
  wish: Parameters<typeof newTask>[0] & { said?: string; pack?: Uint8Array } = {},
): Promise<TaskRef & { turn: string }> => {
  const at = Date.now() - daysAgo * dayMs
  const { said = "done", pack, ...rest } = wish
  const made = newTask({ ...rest, at })
  const task = derivedId("task", at, randomBytes(16))
  const { team, turn } = made
  const events: NewEvent[] = made.events.map(event => ({ ...event, at }))
  const created = await store.create({
    team,
    task,
    events,
    ...(pack === undefined ? {} : { pack: { checkpoint: "c".repeat(40), pack } }),
  })
  if (!created.ok) throw new Error("it was there already")
  const end = { ...ended(turn), at, usage: noUsage }
  const result = await store.change({ team, task, decide: () => [{ ...message(turn, said), at }, end] })
  if (!result.ok) throw new Error(result.why)
  return { team, task, turn }
}
