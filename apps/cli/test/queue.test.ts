import type { QueueView, Task, WorkerView } from "@twolane/protocol"
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
    talk: () => say("There is nothing to do."),
  })
  twolane = caller({ TWOLANE_URL: played.house.url, TWOLANE_API_KEY: played.house.apiKey })
})
afterAll(() => played?.[Symbol.asyncDispose]())

const taskOf = async (id: string) => (await played.house.call("GET", `/v1/tasks/${id}`)).body as Task
const statusOf = (id: string, status: string) =>
  expect.poll(async () => (await taskOf(id)).status).toBe(status)

test("a repo is paused and resumed from the shell, and the queue says so", async () => {
  const paused = await twolane(["queue", "pause", "--lane", "deep", "-r", "sums"])
  expect([paused.code, paused.out]).toEqual([0, expect.stringContaining("\n  paused repos: sums\n")])
  const { id } = await submit(played.house, { repo: "sums", prompt: "[talk] later" })
  await expect.poll(async () => (await taskOf(id)).queue?.reason).toBe("repo sums is paused")
  const resumed = await twolane(["queue", "resume", "-r", "sums", "--json"])
  expect((JSON.parse(resumed.out) as QueueView).lanes.deep.pausedRepos).toEqual([])
  await statusOf(id, "succeeded")
  expect((await twolane(["queue", "pause", "-r", "absent"])).code).toBe(1)
})

test("the turns at once with a provider are limited from the shell, and real workers keep to it", async () => {
  const { body } = await played.house.call("GET", "/v1/workers")
  const provider = (body as { items: WorkerView[] }).items.find(({ lane }) => lane === "deep")?.provider ?? ""
  expect(provider).toMatch(/^127\.0\.0\.1:\d+$/)
  const limited = await twolane(["queue", "limits", "--provider", `${provider}=1`, "--per-person", "5"])
  expect([limited.code, limited.out]).toEqual([0, `per repo 2, per person 5\n${provider}: at most 1\n`])
  const first = await submit(played.house, { repo: "sums", prompt: "[wait] a while" })
  await statusOf(first.id, "running")
  const second = await submit(played.house, { repo: "sums", prompt: "[talk] later" })
  await expect
    .poll(async () => (await taskOf(second.id)).queue)
    .toMatchObject({ hold: "provider", reason: `limit of ${provider} 1 of 1` })
  await played.house.call("POST", `/v1/tasks/${first.id}/cancel`, {})
  await statusOf(second.id, "succeeded")
  const freed = await twolane(["queue", "limits", "--provider", `${provider}=none`, "--per-person", "none"])
  expect(freed.out).toBe("per repo 2\n")
})

test("a team's limits name the team, and what is no number is refused", async () => {
  const set = ["--team", "default", "--share", "3", "--repo", "sums=1", "--per-person", "2"]
  const shown = await twolane(["queue", "limits", ...set])
  expect(shown.out).toBe("per repo 2\nteam default: share 3, per person 2, repo sums 1\n")
  const json = await twolane(["queue", "limits", "--json"])
  expect(JSON.parse(json.out)).toEqual({
    perRepo: 2,
    teams: { default: { share: 3, perPerson: 2, repos: { sums: 1 } } },
  })
  for (const wrong of [
    ["--share", "3"],
    ["--per-repo", "0"],
    ["--provider", "=1"],
  ])
    expect((await twolane(["queue", "limits", ...wrong])).code).toBe(2)
})
