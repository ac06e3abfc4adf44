import { newId, type Task } from "@twolane/protocol"
import { call, callsOf, type PlayedHouse, say, startPlayedHouse, submit } from "@twolane/testkit"
import { afterAll, beforeAll, expect, test } from "vitest"
import { caller } from "./twolane.ts"

let played: PlayedHouse
let twolane = caller({})
beforeAll(async () => {
  played = await startPlayedHouse({
    // It waits for its turn to be canceled.
    wait: seen =>
      callsOf(seen, "shell") === 0 ? call(["shell", { command: "sleep 600" }]) : say("It waited."),
  })
  twolane = caller({ TWOLANE_URL: played.house.url, TWOLANE_API_KEY: played.house.apiKey })
})
afterAll(() => played?.[Symbol.asyncDispose]())

const ask = async (label: string): Promise<string> =>
  (await submit(played.house, { repo: "sums", prompt: "[wait] a while", labels: [label] })).id
const statusOf = async (id: string) =>
  ((await played.house.call("GET", `/v1/tasks/${id}`)).body as Task).status

test("the tasks that a filter leaves are shown first, and canceled with --yes alone", async () => {
  const nightly = [await ask("nightly"), await ask("nightly"), await ask("nightly")]
  const other = await ask("other")
  await expect.poll(() => statusOf(nightly[0] ?? "")).toBe("running")
  const shown = await twolane(["cancel", "--label", "nightly"])
  expect([shown.code, shown.notes]).toEqual([2, "Nothing is canceled yet: add --yes to cancel all 3.\n"])
  for (const id of nightly) expect(shown.out).toContain(id)
  expect(shown.out).not.toContain(other)
  const waiting = await twolane(["cancel", "--label", "nightly", "--status", "queued", "--json"])
  expect((JSON.parse(waiting.out) as { wouldCancel: string[] }).wouldCancel).not.toContain(nightly[0])
  const done = await twolane(["cancel", "--label", "nightly", "--reason", "a bad release", "--yes"])
  expect([done.code, done.out.match(/ is cancel(?:ed|ing)\n/g)?.length]).toEqual([0, 3])
  for (const id of nightly) await expect.poll(() => statusOf(id)).toBe("canceled")
  expect(["queued", "running"]).toContain(await statusOf(other))
  const none = await twolane(["cancel", "--label", "nightly", "--yes"])
  expect([none.code, none.out]).toEqual([0, "No open tasks.\n"])
})

test("of several that are named each is told, and one that cannot be canceled keeps none of the others", async () => {
  const [one, two, absent] = [await ask("named"), await ask("named"), newId("task")]
  const done = await twolane(["cancel", one, absent, two])
  expect([done.code, done.notes]).toEqual([1, expect.stringContaining(`${absent}: `)])
  for (const id of [one, two]) await expect.poll(() => statusOf(id)).toBe("canceled")
})

test.each([
  ["nothing is said", []],
  ["both a name and a filter are given", [newId("task"), "--lane", "deep"]],
  ["a group is among tasks", [newId("task"), newId("group")]],
])("where %s, it is called wrongly", async (_what, args) => {
  expect((await twolane(["cancel", ...args])).code).toBe(2)
})
