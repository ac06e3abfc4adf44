import type { TaskState } from "@twolane/protocol"
import { Redis } from "ioredis"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import type { Store, TaskRef } from "../src/index.ts"
import {
  type ArchiveBench,
  always,
  archiveKinds,
  finished,
  policy,
  startArchive,
} from "./archive-for-test.ts"
import {
  eventsUntil,
  idsOf,
  message,
  newTask,
  queued,
  succeed,
  team,
  typesOf,
  workerOf,
} from "./open-for-test.ts"

describe.each(archiveKinds)("in $name", ({ cluster, s3 }) => {
  let one: ArchiveBench
  let client: Redis

  beforeAll(async () => {
    one = await startArchive({ cluster, s3 })
    client = new Redis(one.bench.redis.url)
  })
  afterAll(async () => {
    client.disconnect()
    await one[Symbol.asyncDispose]()
  })

  const keysOf = async ({ task }: TaskRef) =>
    (await client.keys(`tl:{*/${task}}:*`)).map(key => key.split(":").at(-1))
  const sweep = (store: Store = one.store) => store.archive.sweep(policy, always)
  const untilSettled = (store: Store) => store.list(team, {}, { limit: 1 })

  /** All that can be read of a task. */
  const everything = async (store: Store, ref: TaskRef) => ({
    state: await store.read(ref),
    found: await store.find(ref.task),
    events: await store.events(ref, "0-0", 1_000),
    rest: await store.events(ref, "0-1", 1),
    listed: (await store.list(team, { q: ref.task }, { limit: 10 })).items,
    labelled: (await store.list(team, { label: ref.task, status: "succeeded" }, { limit: 10 })).items,
    counts: await store.counts(team, { lane: "deep" }),
    kpis: await store.kpis(team, { window: "24h" }),
    pack: await store.pack(ref).then(pack => pack && { ...pack, pack: Buffer.from(pack.pack) }),
  })

  test("a finished task leaves Redis once it was kept for long enough, and all that can be read of it stays", async () => {
    const { store } = one
    const old = await finished(store, 31, { prompt: "mend the oldest cart", pack: Buffer.from("PACK of it") })
    const young = await finished(store, 29)
    const open = newTask({ at: Date.now() - 40 * 86_400_000 })
    await store.create({ team, task: open.task, events: open.events })
    await untilSettled(store)
    const before = await everything(store, old)
    expect(before.state?.turns[0]?.status).toBe("succeeded")
    expect(before.listed.map(({ id }) => id)).toEqual([old.task])
    expect(before.pack?.pack.toString()).toBe("PACK of it")

    expect(await sweep()).toEqual({ archived: 1, bytes: expect.any(Number), dropped: 0, failed: 0 })

    expect(await keysOf(old)).toEqual([])
    expect(await keysOf(young)).toContain("state")
    expect(await keysOf({ team, task: open.task })).toContain("state")
    expect(await everything(store, old)).toEqual(before)
    // Another process, which has nothing of it in mind.
    expect(await everything(await one.another(), old)).toEqual(before)
    expect(await sweep()).toMatchObject({ archived: 0 })
    one.bench.expectNoErrors()
  })

  test("a next turn brings an archived task back: the same ids, no gap in its events, and a watcher sees it all along", async () => {
    const { store } = one
    const ref = await finished(store, 40, { labels: ["again"], pack: Buffer.from("its pack") })
    await untilSettled(store)
    await sweep()
    const before = await store.events(ref, "0-0", 100)
    const last = before.at(-1)?.id ?? ""
    const watching = eventsUntil(
      store,
      ref,
      event => event.type === "turn.ended" && event.turn === "turn_next",
      last,
    )
    const next = queued("turn_next", { prompt: "and now the till" })
    await using _upkeep = store.startUpkeep()
    const states: (TaskState | null)[] = []
    let transcript: unknown
    await using _worker = await store.startWorker(
      workerOf(async attempt => {
        if (attempt.task === ref.task) {
          states.push(attempt.state())
          transcript = await attempt.transcript()
        }
        await succeed(attempt)
      }),
    )
    const changed = await store.change({ ...ref, decide: () => [next] })
    expect(changed.ok).toBe(true)
    const seen = await watching
    expect(typesOf(seen)).toEqual(["turn.queued", "turn.started", "turn.ended"])
    const all = await store.events(ref, "0-0", 100)
    expect(idsOf(all)).toEqual([...idsOf(before), ...idsOf(seen)])
    expect(states[0]?.turns.map(({ id }) => id)).toEqual([ref.turn, "turn_next"])
    expect(transcript).toEqual([])
    expect((await store.pack(ref))?.pack).toEqual(Buffer.from("its pack"))
    const { items } = await store.list(team, { label: "again" }, { limit: 5 })
    expect(items.map(({ id, status, turns }) => [id, status, turns.length])).toEqual([
      [ref.task, "succeeded", 2],
    ])
    // It rests anew: what came back stays for as long as after a turn.
    expect(await sweep()).toMatchObject({ archived: 0 })
    one.bench.expectNoErrors()
  })

  test("a worker that is to take a turn directly finds an archived task in Redis", async () => {
    const { store } = one
    const ref = await finished(store, 35)
    await untilSettled(store)
    await sweep()
    expect((await store.readForTurn("fast", ref).task)?.id).toBe(ref.task)
    expect(await keysOf(ref)).toContain("state")
    expect(await store.readForTurn("fast", { team, task: newTask().task }).task).toBeNull()
  })

  test("a verdict on an archived task is one event more, and the task is archived again when it has rested", async () => {
    const { store } = one
    const ref = await finished(store, 50)
    await untilSettled(store)
    await sweep()
    const review = {
      type: "task.reviewed",
      turn: null,
      at: store.now(),
      decision: "discarded",
      by: { key: "key_a", name: "A" },
    } as const
    const result = await store.change({ ...ref, decide: () => [review] })
    expect(result.ok && result.state.review).toBe("discarded")
    await untilSettled(store)
    const { items } = await store.list(team, { q: ref.task }, { limit: 5 })
    expect(items.map(({ review }) => review)).toEqual(["discarded"])
    // As it will be in thirty days.
    const later = await store.archive.sweep({ keepMs: 0, dropMs: null }, always)
    expect(later.archived).toBeGreaterThan(0)
    expect(await keysOf(ref)).toEqual([])
    expect((await store.read(ref))?.review).toBe("discarded")
    const names = await one.shelf.list(
      `${team}/${new Date(Date.now() - 50 * 86_400_000).toISOString().slice(0, 10)}/${ref.task}`,
    )
    expect(names).toHaveLength(1)
    one.bench.expectNoErrors()
  })

  test("what is decided without an event leaves the task where it is", async () => {
    const { store } = one
    const ref = await finished(store, 60)
    await untilSettled(store)
    await sweep()
    const result = await store.change({ ...ref, decide: () => [] })
    expect(result.ok && result.state.id).toBe(ref.task)
    expect(await keysOf(ref)).toEqual([])
  })

  test("two next turns at once bring it back once, and both stand in its log", async () => {
    const { store } = one
    const ref = await finished(store, 45)
    await untilSettled(store)
    await sweep()
    const other = await one.another()
    const events = (await store.events(ref, "0-0", 100)).length
    await Promise.all([
      store.change({ ...ref, decide: () => [queued("turn_a")] }),
      other.change({ ...ref, decide: () => [queued("turn_b")] }),
    ])
    const log = await store.events(ref, "0-0", 100)
    expect(log.length).toBe(events + 2)
    expect(new Set(log.slice(-2).map(({ turn }) => turn))).toEqual(new Set(["turn_a", "turn_b"]))
    expect(await client.keys(`tl:{*/${ref.task}}:*:back:*`)).toEqual([])
    one.bench.expectNoErrors()
  })

  test("a write that comes while a task is being archived keeps it in Redis", async () => {
    const { bench, shelf: files } = one
    const writer = await one.another()
    const ref = await finished(writer, 33, { said: "before" })
    await untilSettled(writer)
    // The next turn begins between the archive's write and the swap.
    const store = await bench.open({
      archive: {
        ...files,
        put: async (name, bytes) => {
          await files.put(name, bytes)
          if (name.includes(ref.task))
            await writer.change({ ...ref, decide: () => [message(ref.turn, "meanwhile")] })
        },
      },
    })
    await sweep(store)
    expect(await keysOf(ref)).toContain("state")
    expect((await writer.events(ref, "0-0", 100)).at(-1)).toMatchObject({
      type: "message.done",
      text: "meanwhile",
    })
  })

  test("a task whose archive cannot be written stays, and an archive that cannot be reached says so at once", async () => {
    const { bench, shelf: files } = one
    const full = new Error("no space left on device")
    const store = await bench.open({ archive: { ...files, put: () => Promise.reject(full) } })
    const refs = []
    for (let n = 0; n < 5; n++) refs.push(await finished(store, 70 + n))
    await untilSettled(store)
    await expect(sweep(store)).rejects.toMatchObject({ code: "store-unavailable" })
    for (const ref of refs) expect(await keysOf(ref)).toContain("state")
    expect(bench.errors.splice(0).length).toBeGreaterThan(0)
    expect(await sweep()).toMatchObject({ failed: 0 })
    for (const ref of refs) expect(await keysOf(ref)).toEqual([])
    const away = await bench.open({ archive: { ...files, get: () => Promise.reject(new Error("gone")) } })
    await expect(away.read(refs[0] as TaskRef)).rejects.toMatchObject({ code: "store-unavailable" })
    const totals = await store.totals()
    const value = (name: string) => totals.find(total => total.name === name)?.series[0]
    expect(value("twolane_archive_failures_total")).toMatchObject({ value: expect.any(Number) })
    expect(value("twolane_archived_tasks_total")).toMatchObject({ value: expect.any(Number) })
  })

  test("what is older than the archive keeps things is deleted: nothing lists it, and nothing of it is left", async () => {
    const { store } = one
    const ref = await finished(store, 400, { labels: ["ancient"] })
    const kept = await finished(store, 300, { labels: ["ancient"] })
    await untilSettled(store)
    await sweep()
    const swept = await store.archive.sweep({ ...policy, dropMs: 365 * 86_400_000 }, always)
    expect(swept.dropped).toBe(1)
    expect(await store.read(ref)).toBeNull()
    expect(await store.events(ref, "0-0", 10)).toEqual([])
    const { items } = await store.list(team, { label: "ancient" }, { limit: 5 })
    expect(items.map(({ id }) => id)).toEqual([kept.task])
    const day = new Date(Date.now() - 400 * 86_400_000).toISOString().slice(0, 10)
    expect(await one.shelf.list(`${team}/${day}/${ref.task}`)).toEqual([])
    one.bench.expectNoErrors()
  })
})
