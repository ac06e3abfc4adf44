import type { Group, NewEvent, Task } from "@twolane/protocol"
import { afterAll, beforeAll, expect, test } from "vitest"
import { type OpenGateway, openGateway, untilStopped } from "./open-gateway.ts"

let gateway: OpenGateway
beforeAll(async () => {
  gateway = await openGateway()
})
afterAll(() => gateway[Symbol.asyncDispose]())

const ask = (more: Record<string, unknown>, headers: Record<string, string> = {}) =>
  gateway.call("POST", "/v1/tasks", { repo: "shop", prompt: "mend sum", ...more }, headers)
const tasksOf = ({ group }: Task): string[] => (group?.candidates ?? []).map(({ task }) => task)
const taskOf = async (id: string): Promise<Task> =>
  (await gateway.call("GET", `/v1/tasks/${id}`)).body as Task
const groupOf = (id: string | undefined) => gateway.call("GET", `/v1/groups/${id}`)
const allTasks = async (): Promise<Task[]> =>
  ((await gateway.call("GET", "/v1/tasks?limit=200")).body as { items: Task[] }).items

const accepted = (at: number): NewEvent => ({
  type: "task.reviewed",
  decision: "accepted",
  by: { key: "k", name: "Ann" },
  turn: null,
  at,
})

test("a request for candidates is answered with the first one's task, and each of their tasks names all", async () => {
  const answer = await ask({ candidates: [{}, { model: "other" }, {}], model: "own", labels: ["x"] })
  const first = answer.body as Task
  expect(answer.status).toBe(202)
  expect(answer.headers.get("location")).toBe(`/v1/tasks/${first.id}`)
  expect(first.group?.candidates).toEqual([
    { task: first.id, lane: "deep", model: "own" },
    { task: tasksOf(first)[1], lane: "deep", model: "other" },
    { task: tasksOf(first)[2], lane: "deep", model: "own" },
  ])
  const tasks = await Promise.all(tasksOf(first).map(taskOf))
  const head = await gateway.source.git("rev-parse", "HEAD")
  for (const task of tasks)
    expect(task).toMatchObject({ group: first.group, base: head, labels: ["x"], status: "queued" })
  const group = (await groupOf(first.group?.id)).body as Group
  expect(group).toMatchObject({ race: false, status: "open", base: head, prompt: "mend sum" })
  expect(group.candidates.map(({ task, rank, reason }) => [task, rank, reason])).toEqual(
    tasksOf(first).map((task, index) => [
      task,
      index + 1,
      index === 2 ? "it is queued" : "it is queued; nothing tells it from the next one",
    ]),
  )
})

test("the same request again, also while the first one is at work, makes no second group", async () => {
  const before = (await allTasks()).length
  const key = { "idempotency-key": "three-of-them" }
  const answers = await Promise.all([1, 2, 3].map(() => ask({ candidates: 3 }, key)))
  const later = await ask({ candidates: 3 }, key)
  const first = later.body as Task
  for (const { status, body } of answers)
    expect({ status, group: (body as Task).group }).toEqual({ status: 202, group: first.group })
  expect(later.headers.get("idempotent-replay")).toBe("true")
  expect((await allTasks()).length).toBe(before + 3)
  expect((await ask({ candidates: 2 }, key)).body).toMatchObject({ code: "idempotency-conflict" })
})

test.each([
  ["too many", { candidates: 6 }, "invalid", "candidates"],
  ["one alone", { candidates: 1 }, "invalid", "candidates"],
  ["two fast ones", { candidates: [{ lane: "fast" }, { lane: "fast" }] }, "invalid", "candidates"],
  ["a field that is none", { candidates: [{ seed: 1 }, {}] }, "invalid", "candidates"],
  ["the fast lane for all", { candidates: 2, lane: "fast" }, "invalid", "lane"],
  ["a race in the deep lane", { candidates: [{ lane: "fast" }, {}], lane: "deep" }, "invalid", "candidates"],
  ["a race without tests", { candidates: [{ lane: "fast" }, {}], test: "none" }, "invalid", "test"],
  ["branches of all", { candidates: 2, publish: "branch" }, "invalid", "publish"],
  ["a change that does not apply", { candidates: 2, changes: "x" }, "changes-not-applicable", "changes"],
])("%s is refused by name, and nothing is made", async (_what, more, code, path) => {
  const before = (await allTasks()).length
  const { status, body } = await ask(more)
  expect(status).toBe(422)
  expect(body).toMatchObject({ code, errors: [{ path: expect.stringMatching(`^${path}`) }] })
  expect((await allTasks()).length).toBe(before)
})

test("what one candidate's lane does not take refuses the whole group, and so does a race without a fast worker", async () => {
  const race = [{ lane: "fast" }, { lane: "deep" }]
  expect((await ask({ candidates: race })).body).toMatchObject({ code: "no-worker", status: 503 })
  const priced = { candidates: [{}, { model: "unpriced" }], budget: { costUsd: 1 } }
  expect((await ask(priced)).body).toMatchObject({ code: "price-unknown" })
})

test("an item of a batch may ask for candidates: its answer is the first one's task, once for its key", async () => {
  const plain = { repo: "shop", prompt: "batched" }
  const keyed = { ...plain, candidates: 2, idempotencyKey: "two-in-a-batch" }
  const tasks = [
    { ...plain, candidates: 3 },
    plain,
    keyed,
    { ...plain, candidates: 9 },
    { ...plain, candidates: [{ lane: "fast" }, {}] },
  ]
  const before = (await allTasks()).length
  const send = async () => {
    const headers = { "idempotency-key": "a-batch-of-groups" }
    const { body } = await gateway.call("POST", "/v1/tasks/batch", { tasks }, headers)
    return (body as { items: (Task & { code?: string; errors?: unknown })[] }).items
  }
  const items = await send()
  expect(items.map(item => item.group?.candidates.length ?? item.code)).toEqual([
    3,
    undefined,
    2,
    "invalid",
    "invalid",
  ])
  expect(items[3]?.errors).toMatchObject([{ path: "candidates" }])
  expect(items[4]?.errors).toMatchObject([{ path: "candidates", message: "one of them is not deep" }])
  expect((await allTasks()).length).toBe(before + 3 + 1 + 2)
  for (const item of items.slice(0, 1)) {
    const group = (await groupOf(item.group?.id)).body as Group
    expect(group.candidates.map(({ task }) => task).toSorted()).toEqual(tasksOf(item).toSorted())
  }
  expect((await send()).map(({ id }) => id)).toEqual(items.map(({ id }) => id))
  const { idempotencyKey, ...alone } = keyed
  const again = await ask({ ...alone, lane: "deep" }, { "idempotency-key": idempotencyKey })
  expect((again.body as Task).id).toBe(items[2]?.id)
  expect((await allTasks()).length).toBe(before + 6)
})

test("a group is canceled as a whole, once, and what is no group is not found", async () => {
  const first = (await ask({ candidates: 3 })).body as Task
  const cancel = () =>
    gateway.call("POST", `/v1/groups/${first.group?.id}/cancel`, { reason: "no more need" })
  const answer = await cancel()
  expect(answer.status).toBe(202)
  expect(answer.body).toMatchObject({ status: "ended", candidates: Array(3).fill({ status: "canceled" }) })
  expect((await cancel()).body).toMatchObject({ code: "task-ended", status: 409 })
  const alone = await gateway.submit()
  expect((await groupOf(alone.id.replace("task_", "group_"))).status).toBe(404)
  expect((await groupOf("group_x")).status).toBe(404)
})

test("an accepted candidate cancels the others and has them discarded, which counts as no refusal", async () => {
  const first = (await ask({ candidates: 3 })).body as Task
  const [one = "", two = "", three = ""] = tasksOf(first)
  await gateway.store.change({
    team: "default",
    task: two,
    decide: (_state, at) => [accepted(at)],
  })
  for (const id of [one, three]) {
    await expect.poll(async () => (await taskOf(id)).review).toBe("discarded")
    expect(await gateway.types(id)).toEqual([
      "task.created",
      "turn.queued",
      "cancel.requested",
      "cancel.confirmed",
      "turn.ended",
      "task.reviewed",
    ])
  }
  expect((await groupOf(first.group?.id)).body).toMatchObject({ chosen: two })
  const { body } = await gateway.call("GET", "/v1/kpis?window=1h&lane=deep")
  const acceptance = (body as { items: { name: string; count: number; rate: number }[] }).items.find(
    ({ name }) => name === "acceptance_rate",
  )
  expect(acceptance).toMatchObject({ count: 1, rate: 1 })
})

test("candidates that run when another one is accepted are stopped first, and discarded then", async () => {
  await using own = await openGateway()
  await own.work(async attempt => {
    if (attempt.state().turns[0]?.options.model !== "quick") return untilStopped(attempt)
    await attempt.write((state, at) => [
      { type: "turn.ended", outcome: { status: "succeeded" }, usage: state.usage, turn: attempt.turn, at },
    ])
  })
  const asked = { repo: "shop", prompt: "x", candidates: [{}, { model: "quick" }] }
  const [slow = "", quick = ""] = tasksOf((await own.call("POST", "/v1/tasks", asked)).body as Task)
  await expect.poll(() => own.types(quick)).toContain("turn.ended")
  await expect.poll(() => own.types(slow)).toContain("turn.started")
  await own.store.change({ team: "default", task: quick, decide: (_state, at) => [accepted(at)] })
  await expect
    .poll(() => own.types(slow))
    .toEqual([
      "task.created",
      "turn.queued",
      "turn.started",
      "cancel.requested",
      "cancel.confirmed",
      "turn.ended",
      "task.reviewed",
    ])
})
