import type { Client } from "@modelcontextprotocol/client"
import {
  call,
  callsOf,
  follow,
  type PlayedHouse,
  type Scene,
  say,
  startPlayedHouse,
  sumPatch,
} from "@twolane/testkit"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { callTool, connectMcp, type Told } from "./connect.ts"

const mend: Scene = seen =>
  callsOf(seen, "apply_patch") === 0
    ? call(["apply_patch", sumPatch("a - b", "a + b")])
    : say("The sum adds now.")

let played: PlayedHouse
let client: Client & AsyncDisposable

beforeAll(async () => {
  played = await startPlayedHouse(
    {
      mend,
      wait: seen =>
        callsOf(seen, "shell") === 0 ? call(["shell", { command: "sleep 60" }]) : say("It waited."),
      talk: () => say("There is nothing to do."),
    },
    { fastWorkers: 1 },
  )
  client = await connectMcp(played.house.url, played.house.apiKey)
})
afterAll(async () => {
  await client?.[Symbol.asyncDispose]()
  await played?.[Symbol.asyncDispose]()
})

const use = (tool: string, args: Record<string, unknown>, hear?: (message: string | undefined) => void) =>
  callTool(client, tool, args, hear)

/** Asks again until the task stops, as the tool says. */
const watched = async (task: unknown, hear?: (message: string | undefined) => void): Promise<Told> => {
  for (;;) {
    const told = await use("watch", { task, seconds: 20 }, hear)
    if (!["queued", "running", "canceling"].includes(String(told.value.status))) return told
  }
}

describe.each(["auto", "legacy"] as const)("the protocol of both eras (%s)", mode => {
  test("a deep task is handed over, followed to green, read, and accepted", async () => {
    await using own = await connectMcp(played.house.url, played.house.apiKey, mode)
    expect((await callTool(own, "repos")).value).toEqual({
      items: [{ name: "sums", defaultBranch: "main" }],
      nextCursor: null,
    })
    const { value: task } = await callTool(own, "submit", {
      repo: "sums",
      lane: "deep",
      prompt: "Mend it.\n\n[mend]",
    })
    expect(task).toMatchObject({
      lane: "deep",
      url: `${played.house.url}/tasks/${String(task.id)}`,
      next: expect.stringContaining("watch"),
    })
    const heard: (string | undefined)[] = []
    const done = await callTool(own, "watch", { task: task.id, seconds: 60 }, message => heard.push(message))
    expect(done.value).toMatchObject({
      status: "succeeded",
      outcome: { status: "succeeded" },
      tests: "passed",
      change: { files: 1, added: 1, removed: 1 },
      message: "The sum adds now.",
      gates: [],
      review: "open",
      next: expect.stringContaining("diff"),
    })
    expect(heard.length).toBeGreaterThan(0)
    const { text } = await callTool(own, "diff", { task: task.id })
    expect(text).toMatch(/^modified src\/sum\.js \+1 -1\n/)
    expect(text).toContain("+export const sum = (a, b) => a + b")
    expect((await callTool(own, "accept", { task: task.id })).value).toMatchObject({ review: "accepted" })
    expect(await played.library.git("branch", "--list", `twolane/${String(task.id)}`)).toContain(
      String(task.id),
    )
  })
})

test("a fast task answers at once, runs on without its caller, and is followed", async () => {
  const { value } = await use("submit", {
    repo: "sums",
    lane: "fast",
    prompt: "Mend it.\n\n[mend]",
    scope: ["src/sum.js"],
    idempotencyKey: "fast-one",
  })
  expect(value).toMatchObject({ lane: "fast" })
  expect((await watched(value.id)).value).toMatchObject({ status: "succeeded", tests: "passed" })
  const again = await use("submit", {
    repo: "sums",
    lane: "fast",
    prompt: "Mend it.\n\n[mend]",
    scope: ["src/sum.js"],
    idempotencyKey: "fast-one",
  })
  expect(again.value.id).toBe(value.id)
  const next = await use("follow_up", { task: value.id, prompt: "And now?\n\n[talk]" })
  expect(next.value).toMatchObject({ id: value.id, lane: "fast" })
  expect((await watched(value.id)).value).toMatchObject({
    status: "succeeded",
    message: "There is nothing to do.",
  })
  expect((await use("discard", { task: value.id })).value).toMatchObject({ review: "discarded" })
})

test("candidates are submitted by one call, compared, and one of them is chosen", async () => {
  const order = {
    repo: "sums",
    prompt: "[mend] sum adds wrongly",
    candidates: [{ model: "one" }, { model: "two" }],
  }
  const { value: first } = await use("submit", order)
  const { group } = first
  const compared = async () => (await use("compare", { group })).value
  const tasks = ((await compared()).candidates as { task: string }[]).map(({ task }) => task)
  for (const task of tasks) await watched(task)
  expect((await use("get", { task: tasks[1] })).value).toMatchObject({
    group,
    next: expect.stringContaining("call compare"),
  })
  const result = await compared()
  expect(result).toMatchObject({
    race: false,
    status: "ended",
    candidates: Array(2).fill({ status: "succeeded", tests: "passed", files: 1, lines: 2, trips: 0 }),
  })
  const [best] = result.candidates as { task: string; reviewHead: string }[]
  await use("accept", { task: best?.task, head: best?.reviewHead })
  await expect
    .poll(async () => (await compared()).candidates)
    .toMatchObject([{ task: best?.task, review: "accepted" }, { review: "discarded" }])
  expect((await compared()).chosen).toBe(best?.task)
})

test("when a task may begin, and by when it must have, is said as people write times, and what is no time is named", async () => {
  const order = { repo: "sums", lane: "deep", prompt: "Later.\n\n[talk]" }
  const times = { notBefore: "2099-05-31T22:30:00+02:00", startBy: Date.UTC(2099, 5, 1, 6) }
  const { value } = await use("submit", { ...order, ...times })
  expect((await use("get", { task: value.id })).value).toMatchObject({
    status: "queued",
    queue: { notBefore: Date.UTC(2099, 4, 31, 20, 30), startBy: times.startBy },
  })
  await use("cancel", { task: value.id })
  expect(await use("submit", { ...order, startBy: "tomorrow" })).toMatchObject({
    refused: true,
    text: expect.stringContaining("- startBy: must be epoch milliseconds, or a time with its zone"),
  })
  expect(await use("submit", { ...order, startBy: "2020-01-01T00:00:00Z" })).toMatchObject({
    refused: true,
    text: expect.stringContaining("- startBy: must be a time to come"),
  })
})

test("a group's candidates all end by one cancel, and a wrong wish for some is named", async () => {
  const order = { repo: "sums", prompt: "Wait.\n\n[wait]" }
  const { value } = await use("submit", { ...order, candidates: 2 })
  const canceled = await use("cancel", { task: value.group, reason: "no more need" })
  expect(canceled).toMatchObject({ refused: false, value: { id: value.id, group: value.group } })
  await expect
    .poll(async () => (await use("compare", { group: value.group })).value)
    .toMatchObject({ status: "ended", candidates: [{ status: "canceled" }, { status: "canceled" }] })
  const wrong = async (candidates: unknown) => (await use("submit", { ...order, candidates })).text
  expect(await wrong(7)).toContain("- candidates: Too big: expected number to be <=5")
  expect(await wrong([{ lane: "fast" }, { lane: "fast" }])).toContain(
    "- candidates: at most one fast candidate",
  )
  expect(await wrong("many")).toContain("- candidates: must be a number from 2 to 5, or a list of candidates")
})

test("a running task takes a note, its time is bounded, and it ends by cancel", async () => {
  const { value } = await use("submit", { repo: "sums", lane: "deep", prompt: "Wait.\n\n[wait]" })
  await using _watching = await watchAtWork(value.id)
  const steer = await use("steer", { task: value.id, turn: value.turn, prompt: "Not too long." })
  expect(steer.value).toEqual({ steer: expect.stringMatching(/^steer_/) })
  expect((await use("watch", { task: value.id, seconds: 1 })).value).toMatchObject({ status: "running" })
  const canceled = await use("cancel", { task: value.id, reason: "changed my mind" })
  expect(canceled.refused).toBe(false)
  expect((await watched(value.id)).value).toMatchObject({
    status: "canceled",
    outcome: { status: "canceled" },
  })
  const late = await use("steer", { task: value.id, turn: value.turn, prompt: "Hello?" })
  expect(late).toMatchObject({ refused: true, text: expect.stringContaining("(turn-not-running)") })
})

/** Watches a task beside, which ends with what is tested; the task is at work in a command by then. */
const watchAtWork = async (task: unknown): Promise<AsyncDisposable> => {
  const watching = use("watch", { task, seconds: 60 })
  await follow(played.house, String(task), ({ type }) => type === "tool.started")
  return { [Symbol.asyncDispose]: async () => void (await watching) }
}

test("an interrupted turn keeps what it did", async () => {
  const { value } = await use("submit", { repo: "sums", lane: "deep", prompt: "Wait.\n\n[wait]" })
  await using _watching = await watchAtWork(value.id)
  expect((await use("interrupt", { task: value.id })).refused).toBe(false)
  expect((await watched(value.id)).value).toMatchObject({ status: "canceled" })
})

test("a gate stops the watch, is listed, and is decided", async () => {
  const { value } = await use("submit", {
    repo: "sums",
    lane: "deep",
    plan: "approve",
    prompt: "Plan.\n\n[mend]",
  })
  const told = await watched(value.id)
  expect(told.value).toMatchObject({
    status: "waiting",
    gates: [{ task: value.id, kind: "plan" }],
    next: expect.stringContaining("A person must decide"),
  })
  const listed = await use("gates", {})
  expect(listed.value).toMatchObject({ items: [{ task: value.id, kind: "plan", repo: "sums" }] })
  const [gate] = told.value.gates as { gate: string }[]
  const answer = { task: value.id, gate: gate?.gate, decision: "deny", note: "not today" }
  expect((await use("decide", answer)).refused).toBe(false)
  expect(await use("decide", answer)).toMatchObject({
    refused: true,
    text: expect.stringContaining("(gate-decided)"),
  })
})

test("tasks are resources: the newest first, each with its change and its log", async () => {
  const { value } = await use("submit", { repo: "sums", lane: "deep", prompt: "Mend it.\n\n[mend]" })
  await watched(value.id)
  const uri = `twolane://tasks/${String(value.id)}`
  const { resources } = await client.listResources()
  expect(resources[0]).toMatchObject({ uri, mimeType: "application/json", description: "succeeded, in sums" })
  const read = async (address: string) => {
    const { contents } = await client.readResource({ uri: address })
    const [first] = contents
    if (first === undefined || !("text" in first)) throw new Error("no text")
    return first
  }
  expect(JSON.parse((await read(uri)).text)).toMatchObject({ id: value.id, prompt: "Mend it.\n\n[mend]" })
  expect(await read(`${uri}/diff`)).toMatchObject({
    mimeType: "text/x-diff",
    text: expect.stringContaining("+export const sum = (a, b) => a + b"),
  })
  const log = JSON.parse((await read(`${uri}/log`)).text) as { type: string }[]
  expect(log.map(event => event.type)).toEqual(
    expect.arrayContaining(["turn.started", "tests.ended", "turn.ended"]),
  )
  const { resourceTemplates } = await client.listResourceTemplates()
  expect(resourceTemplates.map(({ uriTemplate }) => uriTemplate)).toEqual([
    "twolane://tasks/{id}",
    "twolane://tasks/{id}/diff",
    "twolane://tasks/{id}/log",
  ])
})
