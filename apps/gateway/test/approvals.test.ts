import { hostname } from "node:os"
import { branchOf, type NewEvent, type Task } from "@twolane/protocol"
import type { Attempt, Effect, RunTurn, WorkerHandle } from "@twolane/store"
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest"
import { keyOf } from "./keys-of.ts"
import { type Answer, type Call, type OpenGateway, openGateway } from "./open-gateway.ts"

let gateway: OpenGateway
let worker: WorkerHandle
/** The base before the repo had its rule. */
let before = ""
/** What the worker's next turn does. */
let run: RunTurn = async () => undefined
const people: Record<string, Call> = {}
const effects: Effect[] = []

const heads = { first: "1".repeat(40), second: "2".repeat(40) }

beforeAll(async () => {
  gateway = await openGateway()
  before = await gateway.source.sha()
  await gateway.source.commit({ "twolane.yaml": "approvals: { by: another }\n" })
  await anew()
  for (const name of ["alice", "bob", "carol"])
    people[name] = (await keyOf(gateway, { name, role: "member" })).call
  worker = await gateway.store.startWorker({
    lane: "deep",
    id: "worker_approvals",
    capacity: 4,
    version: "test",
    sandbox: "none",
    host: hostname(),
    started: () => ({ model: "test", engine: "builtin" }),
    holding: () => null,
    run: attempt => run(attempt),
    deliver: async (ref, _state, effect) => {
      effects.push(effect)
      await gateway.store.change({
        ...ref,
        decide: (_before, at) => [
          { type: "task.reviewed", decision: "accepted", by: effect.by, how: effect.how, turn: null, at },
        ],
      })
      return { ok: true, value: {} }
    },
  })
})
beforeEach(() => void effects.splice(0))
afterAll(async () => {
  await worker?.[Symbol.asyncDispose]()
  await gateway?.[Symbol.asyncDispose]()
})

/** The gateway looks at a source anew when its repo does. */
const anew = async (): Promise<void> => {
  await gateway.call("DELETE", "/v1/repos/shop")
  await gateway.call("POST", "/v1/repos", { name: "shop", source: gateway.source.path })
}

/** Delivers a commit, and ends well. */
const change =
  (head: string): RunTurn =>
  async attempt => {
    const { turn } = attempt
    const base = await gateway.source.sha()
    await attempt.write((state, at): NewEvent[] => [
      { type: "workspace.ready", base, from: base, durationMs: 1, setup: "none", turn, at },
      {
        type: "change.ready",
        branch: branchOf(attempt.task),
        base,
        head,
        files: 1,
        added: 1,
        removed: 0,
        turn,
        at,
      },
      { type: "turn.ended", outcome: { status: "succeeded" }, usage: state.usage, turn, at },
    ])
  }

const asks = async (attempt: Attempt): Promise<void> => {
  const gate = attempt.turn.replace("turn_", "gate_")
  if (attempt.state().turns.some(({ decisions }) => decisions.length > 0)) return change(heads.first)(attempt)
  await attempt.write([
    { type: "gate.opened", gate, kind: "patch", detail: "4 files", turn: attempt.turn, at: attempt.now() },
  ])
}

const seen = async (task: string, type: string, after = "0-0"): Promise<string> => {
  for await (const event of gateway.store.follow(
    { team: "default", task },
    after,
    new AbortController().signal,
  ))
    if (event.type === type && "id" in event) return event.id
  throw new Error(`the log ended without ${type}`)
}

const submitAs = async (name: string, more: Record<string, unknown> = {}): Promise<Task> => {
  const answer = await as(name)("POST", "/v1/tasks", { repo: "shop", prompt: "mend", lane: "deep", ...more })
  if (answer.status !== 202) throw new Error(answer.text)
  return answer.body as Task
}

const as = (name: string): Call => {
  const call = people[name]
  if (call === undefined) throw new Error(`nobody is called ${name}`)
  return call
}

const said = ({ status, body }: Answer) => [status, (body as { code?: string }).code]

/** A change of Alice's, ready to be accepted. */
const changed = async (more: Record<string, unknown> = {}): Promise<Task> => {
  run = change(heads.first)
  const { id } = await submitAs("alice", more)
  await seen(id, "turn.ended")
  return (await gateway.call("GET", `/v1/tasks/${id}`)).body as Task
}

describe("where twolane.yaml wants another person's approval", () => {
  test("whoever asked cannot accept, by any way that delivers it; somebody else can, once", async () => {
    const { id, reviewHead } = await changed()
    expect(reviewHead).toBe(heads.first)
    for (const how of ["push", "merge"])
      expect(said(await as("alice")("POST", `/v1/tasks/${id}/accept`, { how }))).toEqual([
        403,
        "own-approval",
      ])
    expect(effects).toEqual([])
    const accepted = await as("bob")("POST", `/v1/tasks/${id}/accept`, { head: reviewHead })
    expect([accepted.status, accepted.body]).toMatchObject([200, { review: "accepted" }])
    expect(effects.map(({ by, head }) => [by.name, head])).toEqual([["bob", heads.first]])
  })

  test("neither can who asked for one of its turns", async () => {
    const { id, lastEventId } = await changed()
    run = change(heads.second)
    await as("bob")("POST", `/v1/tasks/${id}/turns`, { prompt: "and the other one" })
    await seen(id, "turn.ended", lastEventId)
    expect(said(await as("bob")("POST", `/v1/tasks/${id}/accept`))).toEqual([403, "own-approval"])
    expect((await as("carol")("POST", `/v1/tasks/${id}/accept`)).status).toBe(200)
  })

  test("nor who gave its agent a note, by steering or at a gate; a bare decision is no note", async () => {
    run = asks
    const { id, turns } = await submitAs("alice")
    const asked = await seen(id, "gate.opened")
    const gate = `/v1/tasks/${id}/gates/${(turns[0]?.id ?? "").replace("turn_", "gate_")}`
    expect(said(await as("alice")("POST", gate, { decision: "allow" }))).toEqual([403, "own-approval"])
    expect((await as("bob")("POST", gate, { decision: "allow", note: "in one file" })).status).toBe(200)
    expect(said(await as("carol")("POST", gate, { decision: "allow" }))).toEqual([409, "gate-decided"])
    await seen(id, "turn.ended", asked)
    expect(said(await as("bob")("POST", `/v1/tasks/${id}/accept`))).toEqual([403, "own-approval"])

    run = async attempt => {
      await attempt.write([])
      for await (const event of gateway.store.follow(attempt, "0-0", attempt.signal))
        if (event.type === "steer.accepted") return change(heads.second)(attempt)
    }
    const second = await submitAs("alice")
    await seen(second.id, "turn.started")
    const note = { prompt: "not that file", turn: second.turns[0]?.id }
    expect((await as("carol")("POST", `/v1/tasks/${second.id}/steer`, note)).status).toBe(202)
    await seen(second.id, "turn.ended")
    expect(said(await as("carol")("POST", `/v1/tasks/${second.id}/accept`))).toEqual([403, "own-approval"])
    expect((await as("bob")("POST", `/v1/tasks/${second.id}/accept`)).status).toBe(200)
  })

  test("whoever asked may still say no", async () => {
    run = asks
    const { id, turns } = await submitAs("alice")
    await seen(id, "gate.opened")
    const gate = `/v1/tasks/${id}/gates/${(turns[0]?.id ?? "").replace("turn_", "gate_")}`
    expect((await as("alice")("POST", gate, { decision: "deny" })).body).toMatchObject({ status: "canceled" })
  })

  test("a base from before the rule is no way around it", async () => {
    const { id } = await changed({ base: before })
    expect(said(await as("alice")("POST", `/v1/tasks/${id}/accept`))).toEqual([403, "own-approval"])
  })

  test("no turn pushes its branch by itself, asked for anew, as a follow-up or in a batch", async () => {
    const ask = { repo: "shop", prompt: "mend", lane: "deep", publish: "branch" }
    const single = await as("alice")("POST", "/v1/tasks", ask)
    expect([...said(single), (single.body as { errors?: { path: string }[] }).errors?.[0]?.path]).toEqual([
      403,
      "own-approval",
      "publish",
    ])
    const { id } = await changed()
    const further = { prompt: "again", publish: "branch" }
    expect(said(await as("alice")("POST", `/v1/tasks/${id}/turns`, further))).toEqual([403, "own-approval"])
    const batch = await as("alice")("POST", "/v1/tasks/batch", { tasks: [ask] })
    expect(batch.body).toMatchObject({ items: [{ code: "own-approval" }] })
  })

  test("whoever sends a turn again is an author of it too", async () => {
    const { id, lastEventId } = await changed()
    run = change(heads.second)
    expect((await as("bob")("POST", `/v1/tasks/${id}/retry`, {})).status).toBe(202)
    await seen(id, "turn.ended", lastEventId)
    for (const name of ["alice", "bob"])
      expect(said(await as(name)("POST", `/v1/tasks/${id}/accept`))).toEqual([403, "own-approval"])
    expect((await as("carol")("POST", `/v1/tasks/${id}/accept`)).status).toBe(200)
  })

  test("a turn that would push its branch by itself is not sent again under a rule that is younger", async () => {
    await gateway.source.commit({ "twolane.yaml": "{}\n" })
    await anew()
    run = change(heads.first)
    const { id } = await submitAs("alice", { publish: "branch" })
    await seen(id, "turn.ended")
    await gateway.source.commit({ "twolane.yaml": "approvals: { by: another }\n" })
    await anew()
    expect(said(await as("bob")("POST", `/v1/tasks/${id}/retry`, {}))).toEqual([403, "own-approval"])
  })

  test("an agent with somebody's key is that somebody", async () => {
    const { id } = await changed()
    const accept = {
      jsonrpc: "2.0",
      id: 1,
      method: "tools/call",
      params: { name: "accept", arguments: { task: id } },
    }
    const headers = { accept: "application/json, text/event-stream", "mcp-protocol-version": "2025-06-18" }
    const { text } = await as("alice")("POST", "/mcp", accept, headers)
    expect(text).toContain("own-approval")
    expect(effects).toEqual([])
  })
})

test("an accept of a change that has moved since delivers nothing, whoever asks", async () => {
  const { id, reviewHead, lastEventId } = await changed()
  run = change(heads.second)
  await as("alice")("POST", `/v1/tasks/${id}/turns`, { prompt: "one more thing" })
  await seen(id, "turn.ended", lastEventId)
  const late = await as("bob")("POST", `/v1/tasks/${id}/accept`, { head: reviewHead })
  expect([...said(late), (late.body as { retryable: boolean }).retryable]).toEqual([
    409,
    "change-moved",
    false,
  ])
  expect(effects).toEqual([])
  expect((await as("bob")("POST", `/v1/tasks/${id}/accept`, { head: heads.second })).status).toBe(200)
  expect(effects.map(({ head }) => head)).toEqual([heads.second])
})
