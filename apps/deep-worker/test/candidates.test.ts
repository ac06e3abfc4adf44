import type { Group, Task } from "@twolane/protocol"
import {
  call,
  callsOf,
  follow,
  getTask,
  logOf,
  only,
  type PlayedHouse,
  patching,
  raceForFast,
  type Scene,
  say,
  startPlayedHouse,
  submit,
  sumPatch,
  untilTask,
} from "@twolane/testkit"
import { Redis } from "ioredis"
import { afterAll, beforeAll, expect, test } from "vitest"

/** Green with one line; the model `wordy` needs more of them, and `wrong` stays red. */
const each: Scene = (seen, request) => {
  if (request.model === "wordy" && callsOf(seen, "apply_patch") === 0)
    return call([
      "apply_patch",
      `*** Begin Patch\n*** Add File: src/notes.js\n${"+// a note\n".repeat(9)}*** End Patch`,
    ])
  if (callsOf(seen, "apply_patch") < (request.model === "wordy" ? 2 : 1))
    return call(["apply_patch", sumPatch("a - b", request.model === "wrong" ? "a * b" : "a + b")])
  return say("Done.")
}

/** The fast one never finds it; the deep one does. */
const lost: Scene = (seen, request) =>
  request.model === "gpt-5.3-codex-spark"
    ? callsOf(seen, "apply_patch") < 1
      ? call(["apply_patch", sumPatch("a - b", "a * b")])
      : say("I do not know.")
    : patching(sumPatch("a - b", "a + b"))(seen, request)

let played: PlayedHouse
beforeAll(async () => {
  played = await startPlayedHouse({ each, won: raceForFast, lost }, { deepWorkers: 1, fastWorkers: 1 })
})
afterAll(() => played[Symbol.asyncDispose]())

const ask = (scene: string, candidates: unknown, more: Record<string, unknown> = {}): Promise<Task> =>
  submit(played.house, {
    repo: "sums",
    prompt: `[${scene}] sum adds wrongly`,
    lane: "auto",
    candidates,
    ...more,
  })

const groupOf = async (task: Task): Promise<Group> =>
  (await played.house.call("GET", `/v1/groups/${task.group?.id}`)).body as Group

const tasksOf = (task: Task): string[] => (task.group?.candidates ?? []).map(each => each.task)

const untilAllEnded = async (task: Task): Promise<Group> => {
  for (const id of tasksOf(task)) await untilTask(played.house, id, ({ endedAt }) => endedAt !== undefined)
  return groupOf(task)
}

test("candidates try the same each for itself, and stand beside each other, the best first; accepting one closes the group", async () => {
  const first = await ask("each", [{ model: "wrong" }, { model: "wordy" }, { model: "brief" }])
  const [wrong = "", wordy = "", brief = ""] = tasksOf(first)
  expect(first.id).toBe(wrong)
  const group = await untilAllEnded(first)
  expect(group).toMatchObject({ race: false, status: "ended", best: brief })
  expect(group.candidates).toMatchObject([
    {
      task: brief,
      model: "brief",
      rank: 1,
      status: "succeeded",
      tests: { status: "passed" },
      change: { files: 1, added: 1, removed: 1 },
      reason: "it succeeded, and its tests passed; a smaller change than the next one (2 lines, not 11)",
    },
    { task: wordy, model: "wordy", rank: 2, change: { files: 2, added: 10, removed: 1 } },
    { task: wrong, model: "wrong", rank: 3, outcome: { code: "tests-red" }, review: "open" },
  ])
  expect(group.candidates[1]?.reason).toBe("it succeeded, and its tests passed; the next one is not green")
  const tasks = await Promise.all(tasksOf(first).map(id => getTask(played.house, id)))
  expect(new Set(tasks.map(({ branch }) => branch)).size).toBe(3)
  expect(new Set(tasks.map(({ base }) => base)).size).toBe(1)

  const head = group.candidates[0]?.reviewHead
  const accepted = await played.house.call("POST", `/v1/tasks/${brief}/accept`, { head })
  expect(accepted).toMatchObject({ status: 200, body: { review: "accepted" } })
  for (const id of [wordy, wrong]) {
    const { review } = await untilTask(played.house, id, task => task.review === "discarded")
    expect(review).toBe("discarded")
    expect(only(await logOf(played.house, id), "task.reviewed")).toMatchObject([
      { decision: "discarded", by: { key: "system" }, chosen: brief },
    ])
    // The work is there to be looked at.
    const diff = await played.house.call("GET", `/v1/tasks/${id}/diff`)
    expect(diff.text).toContain("src/sum.js")
  }
  expect(await groupOf(first)).toMatchObject({
    chosen: brief,
    candidates: [{ task: brief, rank: 1 }, {}, {}],
  })
})

test("a fast candidate that is green within its guardrails wins the race, and the deep one is canceled", async () => {
  const first = await ask("won", [{ lane: "fast" }, { lane: "deep" }])
  const [fast = "", deep = ""] = tasksOf(first)
  const group = await untilAllEnded(first)
  expect(group).toMatchObject({ race: true, status: "ended", best: fast })
  expect(group.candidates).toMatchObject([
    { task: fast, lane: "fast", status: "succeeded", tests: { status: "passed" } },
    { task: deep, lane: "deep", status: "canceled", reason: "it was canceled without a change" },
  ])
  expect(only(await logOf(played.house, deep), "cancel.requested")).toMatchObject([
    { by: { key: "system" }, scope: "task", reason: `${fast} won the race: it is green` },
  ])
})

test("a fast candidate that stays red loses the race, and the deep one goes on to its end", async () => {
  const first = await ask("lost", [{ lane: "deep" }, { lane: "fast" }])
  const [deep = "", fast = ""] = tasksOf(first)
  const group = await untilAllEnded(first)
  expect(group.candidates).toMatchObject([
    { task: deep, lane: "deep", status: "succeeded", tests: { status: "passed" } },
    { task: fast, lane: "fast", tests: { status: "failed" } },
  ])
  expect(only(await follow(played.house, deep), "cancel.requested")).toEqual([])
})

test("a gateway that is killed while it makes the candidates: the same request again, and nothing else, has all of them once", async () => {
  const { house } = played
  const key = { "idempotency-key": "killed-in-between" }
  const request = { repo: "sums", prompt: "[each] sum adds wrongly", candidates: 3 }
  const redis = new Redis(house.redis.url)
  const seen = Promise.withResolvers<string>()
  // The function that writes a task says so on its channel.
  redis.on("pmessage", (_pattern: string, channel: string) => {
    const task = /\/(task_\w+)\}:live$/.exec(channel)?.[1]
    if (task === undefined) return
    house.gateway.kill("SIGKILL")
    seen.resolve(task)
  })
  await redis.psubscribe("tl:*:live")
  const asked = house.call("POST", "/v1/tasks", request, key).catch(() => null)
  const first = await seen.promise
  redis.disconnect()
  await asked
  await house.gateway.ended
  await house.restartGateway()
  const again = await house.call("POST", "/v1/tasks", request, key)
  expect(again).toMatchObject({ status: 202, body: { id: first } })
  await untilAllEnded(again.body as Task)
  const { body } = await house.call("GET", "/v1/tasks?limit=200")
  const same = (body as { items: Task[] }).items.filter(
    ({ group }) => group?.id === first.replace("task", "group"),
  )
  expect(same.map(({ id, turns }) => [id, turns.length]).toReversed()).toEqual(
    tasksOf(again.body as Task).map(id => [id, 1]),
  )
})

test("a fast worker that is killed right behind its green end: the others of the race are canceled all the same", async () => {
  const first = await ask("won", [{ lane: "fast" }, { lane: "deep" }])
  const [fast = "", deep = ""] = tasksOf(first)
  await follow(played.house, fast, ({ type }) => type === "turn.ended")
  played.house.fastWorkers[0]?.kill("SIGKILL")
  const ended = await untilTask(played.house, deep, ({ endedAt }) => endedAt !== undefined)
  expect(ended).toMatchObject({ status: "canceled", turns: [{ outcome: { by: { key: "system" } } }] })
  played.house.addFastWorker()
})
