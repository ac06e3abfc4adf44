import type { Task, WorkerView } from "@twolane/protocol"
import { call, callsOf, type PlayedHouse, say, startPlayedHouse, submit } from "@twolane/testkit"
import { afterAll, beforeAll, expect, test } from "vitest"
import { caller } from "./twolane.ts"

let played: PlayedHouse
let twolane = caller({})
beforeAll(async () => {
  played = await startPlayedHouse(
    {
      wait: seen =>
        callsOf(seen, "shell") === 0 ? call(["shell", { command: "sleep 4" }]) : say("It waited."),
      talk: () => say("There is nothing to do."),
    },
    { fastWorkers: 1 },
  )
  twolane = caller({ TWOLANE_URL: played.house.url, TWOLANE_API_KEY: played.house.apiKey })
})
afterAll(() => played?.[Symbol.asyncDispose]())

const workerOf = async (lane: string): Promise<WorkerView> => {
  const { items } = JSON.parse((await twolane(["workers", "--json"])).out) as { items: WorkerView[] }
  const found = items.find(worker => worker.lane === lane)
  if (found === undefined) throw new Error(`no ${lane} worker is there`)
  return found
}
const statusOf = async (id: string) =>
  ((await played.house.call("GET", `/v1/tasks/${id}`)).body as Task).status

test("a deep worker is drained for an update: what it has ends, what comes waits, and it takes turns again", async () => {
  const { id } = await workerOf("deep")
  const running = await submit(played.house, { repo: "sums", prompt: "[wait] a while" })
  await expect.poll(() => statusOf(running.id)).toBe("running")
  const drained = await twolane(["workers", "drain", id, "--wait"])
  expect([drained.code, drained.out]).toEqual([
    0,
    expect.stringMatching(
      new RegExp(`^${id} {2}deep, .*, 0 of 2 busy, takes no new turns: drained, started `),
    ),
  ])
  expect(await statusOf(running.id)).toBe("succeeded")
  const waiting = await submit(played.house, { repo: "sums", prompt: "[talk] later" })
  const shown = await twolane(["workers"])
  expect(shown.out).toContain("takes no new turns: drained")
  expect(await statusOf(waiting.id)).toBe("queued")
  const resumed = await twolane(["workers", "resume", id])
  expect([resumed.code, resumed.out]).toEqual([0, expect.stringContaining("takes turns")])
  await expect.poll(() => statusOf(waiting.id)).toBe("succeeded")
})

test("a fast worker that is drained takes no turn, and says so", async () => {
  const { id } = await workerOf("fast")
  const order = { repo: "sums", prompt: "[talk] now", lane: "fast" }
  expect((await played.house.call("POST", "/v1/tasks", order)).status).toBe(200)
  expect((await twolane(["workers", "drain", id])).code).toBe(0)
  const refused = await played.house.call("POST", "/v1/tasks", order)
  expect([refused.status, refused.body]).toMatchObject([503, { code: "no-worker", retryable: true }])
  expect((await twolane(["workers", "resume", id])).code).toBe(0)
  expect((await played.house.call("POST", "/v1/tasks", order)).status).toBe(200)
})
