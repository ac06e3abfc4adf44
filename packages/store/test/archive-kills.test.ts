import { spawn } from "node:child_process"
import { once } from "node:events"
import { createInterface } from "node:readline"
import { fileURLToPath } from "node:url"
import { Redis } from "ioredis"
import { afterAll, beforeAll, expect, test } from "vitest"
import type { TaskRef } from "../src/index.ts"
import { type ArchiveBench, always, finished, startArchive } from "./archive-for-test.ts"
import { idsOf, queued, team } from "./open-for-test.ts"

let one: ArchiveBench
let client: Redis

beforeAll(async () => {
  one = await startArchive()
  client = new Redis(one.bench.redis.url)
})
afterAll(async () => {
  client.disconnect()
  await one[Symbol.asyncDispose]()
})

const childFile = fileURLToPath(new URL("./archive-child.ts", import.meta.url))

/** Runs a child until it said so many lines, and then kills it; answers whether it had ended before. */
const killAfter = async (lines: number, what: "sweep" | "change", ref: TaskRef): Promise<boolean> => {
  const { url, secretKey } = one.bench
  const args = [childFile, what, url, secretKey, one.folder, ref.team, ref.task]
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] })
  const exited = once(child, "exit")
  let said = 0
  let ended = false
  for await (const line of createInterface({ input: child.stdout })) {
    ended ||= line === "ended"
    if (++said === lines) child.kill("SIGKILL")
  }
  await exited
  return ended
}

const isLive = async ({ task }: TaskRef) => (await client.exists(`tl:{${team}/${task}}:state`)) === 1
const read = async (ref: TaskRef) => ({
  state: await one.store.read(ref),
  events: await one.store.events(ref, "0-0", 100),
  pack: Buffer.from((await one.store.pack(ref))?.pack ?? []).toString(),
})

test("an archiver that is killed at any step leaves each task whole, in Redis or in the archive", async () => {
  const refs = [
    await finished(one.store, 2, { said: "with a pack", pack: Buffer.from("the pack") }),
    await finished(one.store, 2, { said: "without one" }),
  ]
  await one.store.list(team, {}, { limit: 1 })
  const before = await Promise.all(refs.map(read))
  let ended = false
  for (let step = 1; !ended; step++) {
    ended = await killAfter(step, "sweep", { team, task: "" })
    expect(await Promise.all(refs.map(read))).toEqual(before)
    // What was left half is archived by whoever comes next; and then it comes back, for the next step.
    expect(await one.store.archive.sweep({ keepMs: 0, dropMs: null }, always)).toMatchObject({ failed: 0 })
    expect(await Promise.all(refs.map(isLive))).toEqual([false, false])
    expect(await Promise.all(refs.map(read))).toEqual(before)
    for (const ref of refs) await bringBackUnchanged(ref)
  }
  expect(ended).toBe(true)
  one.bench.expectNoErrors()
})

/** A write that says nothing new: an entry of its transcript alone. */
const bringBackUnchanged = async (ref: TaskRef) => {
  const result = await one.store.change({ ...ref, decide: () => [], transcript: [] })
  if (!result.ok) throw new Error(result.why)
  expect(await isLive(ref)).toBe(true)
}

test("who is killed while it brings a task back leaves it in the archive or in Redis, and the next one goes on", async () => {
  const ref = await finished(one.store, 2, { said: "asleep", pack: Buffer.from("its pack") })
  await one.store.list(team, {}, { limit: 1 })
  const before = await read(ref)
  let ended = false
  for (let step = 1; !ended; step++) {
    await one.store.archive.sweep({ keepMs: 0, dropMs: null }, always)
    expect(await isLive(ref)).toBe(false)
    ended = await killAfter(step, "change", ref)
    const now = await read(ref)
    expect(now.events.slice(0, before.events.length)).toEqual(before.events)
    expect(now.pack).toBe(before.pack)
    if (now.events.length > before.events.length) break
  }
  const log = await one.store.events(ref, "0-0", 100)
  expect(log.length).toBe(before.events.length + 1)
  const result = await one.store.change({ ...ref, decide: () => [queued("turn_after")] })
  expect(result.ok && idsOf(result.events)).toEqual([`0-${log.length + 1}`])
  one.bench.expectNoErrors()
})
