import { hostname } from "node:os"
import { branchOf, type FileChange, type NewEvent } from "@twolane/protocol"
import type { Attempt, Effect, Store } from "@twolane/store"
import { keepMirrors, operatorEnv } from "@twolane/workspace"
import { afterAll, beforeAll, expect, test } from "vitest"
import { type OpenGateway, openGateway } from "./open-gateway.ts"

let gateway: OpenGateway
const effects: Effect[] = []
let refuse = false

/** Delivers by writing that it did: how a push is made is the worker's own test. */
const deliver =
  (store: () => Store) => async (ref: { team: string; task: string }, _state: unknown, effect: Effect) => {
    effects.push(effect)
    if (refuse)
      return { ok: false as const, code: "branch-moved", detail: "someone pushed", extra: { branch: "x" } }
    await store().change({
      ...ref,
      decide: (_before, at) => [
        { type: "task.reviewed", decision: "accepted", by: effect.by, how: effect.how, turn: null, at },
      ],
    })
    return { ok: true as const, value: {} }
  }

beforeAll(async () => {
  gateway = await openGateway({ files: { "b.txt": "b\n" } })
})
afterAll(() => gateway[Symbol.asyncDispose]())

const ended = (attempt: Attempt, more: NewEvent[] = []) =>
  attempt.write((state, at) => [
    ...more,
    { type: "turn.ended", outcome: { status: "succeeded" }, usage: state.usage, turn: attempt.turn, at },
  ])

const until = async (task: string, type: string): Promise<void> => {
  const stop = new AbortController()
  for await (const event of gateway.store.follow({ team: "default", task }, "0-0", stop.signal))
    if (event.type === type) return
}

/** A commit in the gateway's mirror, as a checkpoint of a worker of this machine. */
const commitInMirror = async (base: string, text: string): Promise<string> => {
  await using mirrors = keepMirrors({
    dataDir: gateway.dataDir,
    operatorEnv: operatorEnv(),
    credential: async () => null,
  })
  const repo = { team: "default", name: "shop", source: gateway.source.path }
  const signal = new AbortController().signal
  const mirror = await mirrors.open(repo, "main", signal)
  const { runGit } = await import("@twolane/testkit")
  const env = ["-c", "user.name=t", "-c", "user.email=t@example.org"]
  await gateway.source.git("switch", "--quiet", "--detach", base)
  const sha = await gateway.source.commit({ "sum.js": text })
  await gateway.source.git("switch", "--quiet", "main")
  await runGit(mirror.dir, [...env, "fetch", "--quiet", gateway.source.path, sha])
  return sha
}

test("a change is shown as a patch or file by file, and accepted by a worker", async () => {
  const base = await gateway.source.sha()
  const head = await commitInMirror(base, "export const sum = (a, b) => a + b\n")
  await using _worker = await gateway.store.startWorker({
    lane: "deep",
    id: "worker_review",
    capacity: 4,
    version: "test",
    sandbox: "none",
    host: hostname(),
    started: () => ({ model: "test", engine: "builtin" }),
    holding: () => null,
    deliver: deliver(() => gateway.store),
    run: async attempt => {
      const at = attempt.now()
      const { turn } = attempt
      const files: FileChange[] = [{ path: "sum.js", change: "modified", added: 1, removed: 1 }]
      await ended(attempt, [
        { type: "workspace.ready", base, from: base, durationMs: 1, setup: "none", turn, at },
        { type: "patch.applied", files, diff: "", checkpoint: head, turn, at },
        {
          type: "change.ready",
          branch: branchOf(attempt.task),
          base,
          head,
          files: 1,
          added: 1,
          removed: 1,
          turn,
          at,
        },
      ])
    },
  })
  const { id } = await gateway.submit()
  await until(id, "turn.ended")
  const patch = await gateway.call("GET", `/v1/tasks/${id}/diff`)
  expect(patch.headers.get("content-type")).toBe("text/x-diff; charset=utf-8")
  expect(patch.text).toMatch(/^diff --git a\/sum\.js b\/sum\.js\n/)
  expect(patch.text).toContain("-export const sum = (a, b) => a - b\n+export const sum = (a, b) => a + b\n")
  const byFile = await gateway.call("GET", `/v1/tasks/${id}/diff?from=turn`, undefined, {
    accept: "application/json",
  })
  expect(byFile.body).toEqual({
    files: [{ path: "sum.js", change: "modified", added: 1, removed: 1, patch: patch.text }],
  })

  refuse = true
  const moved = await gateway.call("POST", `/v1/tasks/${id}/accept`, { how: "push" })
  expect([moved.status, moved.body]).toMatchObject([
    409,
    { code: "branch-moved", detail: "someone pushed", branch: "x" },
  ])
  refuse = false
  const asked = { "idempotency-key": "accept" }
  const accepted = await gateway.call("POST", `/v1/tasks/${id}/accept`, { how: "merge" }, asked)
  expect([accepted.status, accepted.body]).toMatchObject([200, { review: "accepted", head }])
  const again = await gateway.call("POST", `/v1/tasks/${id}/accept`, { how: "merge" }, asked)
  expect([again.status, again.body, again.headers.get("idempotent-replay")]).toEqual([
    200,
    accepted.body,
    "true",
  ])
  expect(effects.map(({ how, head: sha, by }) => [how, sha, by.name])).toEqual([
    ["push", head, "admin"],
    ["merge", head, "admin"],
  ])
  const discarded = await gateway.call("POST", `/v1/tasks/${id}/discard`)
  expect([discarded.status, discarded.body]).toMatchObject([409, { code: "task-accepted" }])
})

test("a pull request that nobody could open is refused with what to do", async () => {
  const request = { repo: "shop", prompt: "x", publish: "pull_request" }
  const { status, body } = await gateway.call("POST", "/v1/tasks", request)
  const message = expect.stringContaining("Pull requests need a source at https://api.github.com")
  expect([status, body]).toMatchObject([
    422,
    { code: "not-configured", errors: [{ path: "publish", message }] },
  ])
})

test("there is nothing to accept or to show of a task without a change", async () => {
  const { id } = await gateway.submit()
  const open = await gateway.call("POST", `/v1/tasks/${id}/accept`)
  expect([open.status, open.body]).toMatchObject([409, { code: "task-open" }])
  await gateway.call("POST", `/v1/tasks/${id}/cancel`)
  const nothing = await gateway.call("POST", `/v1/tasks/${id}/accept`)
  expect([nothing.status, nothing.body]).toMatchObject([409, { code: "nothing-to-accept" }])
  const later = await gateway.call("POST", `/v1/tasks/${id}/accept`, { how: "pull_request" })
  expect([later.status, later.body]).toMatchObject([409, { code: "nothing-to-accept" }])
  expect((await gateway.call("GET", `/v1/tasks/${id}/diff`)).text).toBe("")
})

test("a gate is listed, decided once, and its turn goes on", async () => {
  const seen: string[] = []
  await using _worker = await gateway.work(async attempt => {
    const turn = attempt.state().turns.find(({ id }) => id === attempt.turn)
    const [decision] = turn?.decisions ?? []
    seen.push(decision?.decision ?? "none")
    if (decision !== undefined) return void (await ended(attempt))
    const gate = attempt.turn.replace("turn_", "gate_")
    await attempt.write([
      { type: "gate.opened", gate, kind: "patch", detail: "4 files", turn: attempt.turn, at: attempt.now() },
    ])
  })
  const { id, turn } = await gateway.submit()
  await until(id, "gate.opened")
  const gate = turn.replace("turn_", "gate_")
  const open = { id: gate, task: id, turn, repo: "shop", title: "mend sum", kind: "patch", detail: "4 files" }
  const listed = await gateway.call("GET", "/v1/gates")
  expect(listed.body).toEqual({ items: [{ ...open, openedAt: expect.any(Number) }], nextCursor: null })
  const decide = (decision: string) => gateway.call("POST", `/v1/tasks/${id}/gates/${gate}`, { decision })
  const answers = await Promise.all(["allow", "deny", "allow", "deny"].map(decide))
  expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 409, 409, 409])
  await until(id, "turn.ended")
  expect((await decide("allow")).body).toMatchObject({ code: "gate-decided" })
  expect((await gateway.call("GET", "/v1/gates")).body).toEqual({ items: [], nextCursor: null })
  expect(seen[0]).toBe("none")
})
