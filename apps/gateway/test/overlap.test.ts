import type { Hindsight, Task, TaskEvent } from "@twolane/protocol"
import type { Attempt } from "@twolane/store"
import { afterAll, beforeAll, expect, test } from "vitest"
import { overlapsOf } from "../src/overlap/overlap.ts"
import { keyOf } from "./keys-of.ts"
import { type OpenGateway, openGateway, untilStopped } from "./open-gateway.ts"

let gateway: OpenGateway
beforeAll(async () => {
  gateway = await openGateway()
  await gateway.work(async attempt => {
    await touch(attempt, attempt.state().prompt.split(" "))
    await untilStopped(attempt)
  })
})
afterAll(() => gateway[Symbol.asyncDispose]())

/** A patch that touches the files which the prompt names. */
const touch = (attempt: Attempt, paths: string[]): Promise<TaskEvent[]> =>
  attempt.write((_state, at) => [
    {
      type: "patch.applied",
      files: paths.map(path => ({ path, change: "modified" as const, added: 1, removed: 0 })),
      diff: "",
      checkpoint: "0".repeat(40),
      turn: attempt.turn,
      at,
    },
  ])

const start = async (prompt: string): Promise<string> => {
  const { id } = await gateway.submit({ prompt })
  await expect.poll(() => gateway.types(id)).toContain("patch.applied")
  return id
}
const taskOf = async (id: string): Promise<Task> =>
  (await gateway.call("GET", `/v1/tasks/${id}`)).body as Task

test("tasks at work on the same files say so, on themselves, in lists, and to whoever submits another one", async () => {
  const one = await start("src/a.ts src/b.ts")
  const two = await start("src/b.ts docs/c.md")
  const withOne = { task: one, title: "src/a.ts src/b.ts", paths: ["src/b.ts"] }
  await expect.poll(async () => (await taskOf(two)).overlaps).toEqual([withOne])
  const list = async () =>
    ((await gateway.call("GET", "/v1/tasks?status=running")).body as { items: Task[] }).items
  await expect
    .poll(async () => (await list()).map(({ id, overlaps }) => [id, overlaps?.map(({ task }) => task)]))
    .toEqual([
      [two, [one]],
      [one, [two]],
    ])

  const submit = async (more: object) => {
    const asked = { repo: "shop", prompt: "mend it", lane: "deep", ...more }
    return ((await gateway.call("POST", "/v1/tasks", asked)).body as Task).overlaps
  }
  expect(await submit({ scope: ["docs/**"] })).toMatchObject([{ task: two, paths: ["docs/c.md"] }])
  expect(await submit({ prompt: "Why does src/a.ts fail?" })).toMatchObject([
    { task: one, paths: ["src/a.ts"] },
  ])
  expect(await submit({ prompt: "Look at xsrc/a.ts and src/a.tsx" })).toBe(undefined)
  const stranger = await keyOf(gateway, { name: "S", role: "admin", team: "rivals" })
  expect((await stranger.call("GET", "/v1/tasks/counts")).body).toMatchObject({ statuses: { running: 0 } })

  expect((await gateway.call("POST", `/v1/tasks/${one}/cancel`, {})).status).toBe(202)
  const others = async (id: string) => (await taskOf(id)).overlaps?.map(({ task }) => task) ?? []
  await expect.poll(() => others(two)).not.toContain(one)
  const past = (await gateway.call("GET", "/v1/hindsight?status=canceled")).body as { items: Hindsight[] }
  expect(past.items).toMatchObject([{ task: one, status: "canceled", took: "deep", should: "deep" }])
  expect((await gateway.call("GET", "/v1/hindsight")).body).toEqual({ items: [], nextCursor: null })
  await expect
    .poll(async () => (await gateway.call("GET", "/v1/tasks/counts?repo=shop&lane=deep")).body)
    .toMatchObject({ statuses: { running: 2, queued: 2, canceled: 1, succeeded: 0 } })
})

test("one task alone, and files that nobody shares, overlap with nothing", () => {
  const mine = { task: "task_1", touched: ["a"], scope: [], prompt: "" }
  expect(overlapsOf(mine, [])).toEqual([])
})
