import type { DiskItem, Hindsight, Page } from "@twolane/protocol"
import {
  call,
  callsOf,
  type House,
  type PlayedHouse,
  say,
  startPlayedHouse,
  submit,
  sumPatch,
  untilTask,
} from "@twolane/testkit"
import { afterAll, beforeAll, expect, test } from "vitest"
import { diskLines } from "../src/commands/disk.ts"
import { hindsightWords } from "../src/commands/hindsight.ts"
import { caller } from "./twolane.ts"

let played: PlayedHouse
let house: House
let twolane = caller({})

beforeAll(async () => {
  const mend = (seen: Parameters<typeof callsOf>[0]) =>
    callsOf(seen, "apply_patch") === 0 ? call(["apply_patch", sumPatch("a - b", "a + b")]) : say("Mended.")
  played = await startPlayedHouse({ mend })
  house = played.house
  twolane = caller({ TWOLANE_URL: house.url, TWOLANE_API_KEY: house.apiKey })
})
afterAll(() => played[Symbol.asyncDispose]())

test("what a repo takes is tidied on every machine, and told", async () => {
  const reclaimed = await twolane(["disk", "reclaim", "sums", "--wait", "--json"])
  const { requestedAt, items } = JSON.parse(reclaimed.out) as { requestedAt: number; items: DiskItem[] }
  expect(reclaimed.code).toBe(0)
  expect(items).toMatchObject([{ repo: "sums", mirrorBytes: expect.any(Number) }])
  expect(items[0]?.reclaimedAt).toBeGreaterThanOrEqual(requestedAt)
  expect((await twolane(["disk"])).out).toMatch(
    /^\S+: [\d.]+ \wB free of .*\n {2}sums {2}[\d.]+ \wB \(mirror .*\), tidied /,
  )
  const unknown = await twolane(["disk", "reclaim", "nowhere"])
  expect([unknown.code, unknown.notes]).toEqual([1, "twolane: There is no such repo. (not-found)\n"])
})

test("a small change that a deep turn made in no time would have been better off in the fast lane", async () => {
  const { id } = await submit(house, { repo: "sums", prompt: "[mend] sum adds wrongly" })
  await untilTask(house, id, ({ endedAt }) => endedAt !== undefined)
  const told = await twolane(["hindsight"])
  expect(told.out.split("\n")).toEqual([
    "1 of 1 would have been better off in the other lane.",
    expect.stringMatching(new RegExp(`^${id}  deep → fast  .*fast: 1 file, 2 lines`)),
    "",
  ])
  const other = await twolane(["hindsight", "--other", "--json"])
  expect(JSON.parse(other.out) as Page<Hindsight>).toMatchObject({ items: [{ task: id, took: "deep" }] })
  expect((await twolane(["hindsight", "--status", "failed"])).out).toBe("No task has ended so.\n")
  expect((await twolane(["hindsight", "--status", "late"])).code).toBe(2)
})

test("machines and repos are told by their sizes", () => {
  const item = {
    repo: "a",
    host: "one",
    mirrorBytes: 2_048,
    preparedBytes: 0,
    cacheBytes: 0,
    workspaceBytes: 1_048_576,
  }
  const hosts = [
    { host: "one", at: 1_000, freeBytes: 1_048_576, totalBytes: 4_194_304 },
    { host: "two", at: 0, freeBytes: 0, totalBytes: 1 },
  ]
  const kept = "a turn is open"
  const items = [item, { ...item, workspaceBytes: 0, mirrorBytes: 0, reclaimedAt: 500, kept }]
  expect(diskLines({ hosts, items }, 2_500)).toEqual([
    "one: 1.0 MB free of 4.0 MB, 1.5 s ago",
    "  a  1.0 MB (mirror 2.0 KB, workspaces 1.0 MB)",
    "  a  0 B, tidied 2.0 s ago; what setups made was kept: a turn is open",
    "two: 0 B free of 1 B, 2.5 s ago",
    "  no repos of the team when it was measured",
  ])
  expect(diskLines({ hosts: [], items: [] }, 0)).toHaveLength(1)
})

test("a task in the right lane says why no more than there is to say", () => {
  const seen: Hindsight = {
    task: "task_1",
    title: "mend\nit",
    repo: "a",
    status: "succeeded",
    endedAt: 1,
    took: "fast",
    should: "fast",
    reasons: [],
  }
  expect(hindsightWords(seen)).toBe("task_1  fast  mend it")
})
