import { fastInstructions, type Journal, runFastTurn, scopeFiles } from "@twolane/agent"
import { createOpenModel } from "@twolane/agent/model/open-model"
import { orAborted } from "@twolane/common"
import { policyFor } from "@twolane/common/guardrails/policy"
import { foldEvents, type NewEvent, type TaskEvent } from "@twolane/protocol"
import { call, inOrder, startModel } from "@twolane/testkit"
import { expect, test } from "vitest"
import { listTree, readBlob } from "../../src/git/tree-read.ts"
import { openHouse, probeSandbox } from "../../src/index.ts"
import { makeMirrored, signal } from "../git/mirrored.ts"

const files = {
  "package.json": '{ "name": "sums", "type": "module", "scripts": { "test": "node --test" } }\n',
  "src/sum.js": "export const sum = (a, b) => a - b\n",
  "test/sum.test.js": `import assert from "node:assert/strict"
import test from "node:test"
import { sum } from "../src/sum.js"

test("adds", () => assert.equal(sum(2, 3), 5))
`,
}
const patch = (from: string, to: string): string =>
  `*** Begin Patch\n*** Update File: src/sum.js\n@@\n-export const sum = (a, b) => ${from}\n+export const sum = (a, b) => ${to}\n*** End Patch`
const by = { key: "k", name: "Ada" }
const turn = "turn_1"

/** A log of one task in memory, and its journal. */
const makeJournal = (base: string) => {
  const log: TaskEvent[] = []
  const append = (events: readonly NewEvent[]): TaskEvent[] => {
    const stored = events.map((event, n) => ({
      ...event,
      id: `1-${log.length + n + 1}`,
      task: "task_1",
      attempt: 1,
    }))
    log.push(...stored)
    return stored
  }
  const at = Date.now()
  append([
    {
      type: "task.created",
      team: "t",
      repo: "r",
      title: "x",
      prompt: "x",
      by,
      origin: "api",
      labels: [],
      priority: "normal",
      base: null,
      baseAtSubmit: null,
      turn: null,
      at,
    },
    {
      type: "turn.queued",
      lane: "fast",
      position: null,
      reason: "asked for",
      prompt: "Mend sum.",
      by,
      options: {},
      turn,
      at,
    },
    {
      type: "turn.started",
      lane: "fast",
      worker: "w",
      model: "m",
      engine: "builtin",
      base,
      branch: "b",
      turn,
      at,
    },
  ])
  const journal: Journal = {
    turn,
    attempt: 1,
    state: () => foldEvents(null, log),
    write: async events => append(events),
    transcript: async () => [],
    delta: () => undefined,
    now: Date.now,
    changed: within => orAborted(new Promise(() => {}), within), // nobody else writes
  }
  return { log, journal }
}

test("a fast turn in a real workspace: the file is found in the mirror, patched red, patched green, tested in the jail", async () => {
  await using mirrored = await makeMirrored(files)
  const { mirror, base, dataDir } = mirrored
  const script = inOrder(
    call(["apply_patch", patch("a - b", "a * b")]),
    call(["apply_patch", patch("a * b", "a + b")]),
  )
  await using model = await startModel({ script })
  const sandbox = await probeSandbox("required")
  await using house = await openHouse({
    config: { dataDir, jailPaths: [], concurrency: { fast: 2, deep: 2 }, warmWorkspaces: 0 },
    sandbox,
    worker: "w",
    lane: "fast",
  })
  await using session = createOpenModel()({
    model: "m",
    baseUrl: model.url,
    apiKey: "",
    transport: "websocket",
  })
  const { log, journal } = makeJournal(base)

  const opening = house.open(
    { mirror, task: "task_1", base, checkpoint: null, file: undefined, secrets: {} },
    signal,
  )
  let saves = 0
  const workspace = opening.then(opened => {
    if (!opened.ok) return opened
    const checkpoint = (within: AbortSignal) => {
      saves += 1
      return opened.workspace.checkpoint({ attempt: 1, n: saves }, within)
    }
    return { ok: true as const, workspace: opened.workspace, checkpoint }
  })
  const source = {
    list: async (within: AbortSignal) =>
      (await listTree(mirror, base, null, within)).map(({ path, size }) => ({ path, bytes: size })),
    read: async (path: string, within: AbortSignal) =>
      (await readBlob(mirror, base, path, 100_000, within))?.toString("utf8") ?? null,
  }
  const scoped = await scopeFiles({ prompt: "Mend sum.", scope: [], maxTokens: 4_000 }, source, signal)
  const merged = policyFor({ lane: "fast", file: undefined, request: undefined })
  if (!merged.ok) throw new Error("loosened")
  const { policy } = merged

  const end = await runFastTurn(
    {
      turn,
      state: journal.state(),
      transcript: [],
      model: "m",
      instructions: fastInstructions,
      request: {
        repo: "r",
        prompt: "Mend sum.",
        agentsFile: null,
        scope: [],
        rules: [],
        ...scoped,
        red: null,
        handoff: null,
      },
      windowTokens: 100_000,
      limits: { seconds: 60, steps: 10, cycles: 3, tokens: null, costUsd: null, costNamed: false },
      test: "targeted",
      policy,
      changed: [],
    },
    {
      journal: Promise.resolve(journal),
      workspace,
      model: session,
      judge: { patch: async () => [], command: () => [], change: async () => [] },
      price: () => null,
      delta: () => undefined,
      now: Date.now,
    },
    signal,
  )
  const opened = await opening
  if (opened.ok) await opened.workspace[Symbol.asyncDispose]()

  expect(end).toMatchObject({ end: "done", checkpoint: expect.any(String) })
  expect(JSON.stringify(model.requests[0]?.body)).toContain("export const sum = (a, b) => a - b")
  const tests = log.flatMap(event => (event.type === "tests.ended" ? [event.status] : []))
  expect(tests).toEqual(["failed", "passed"])
  const saved = end.end === "done" && end.checkpoint !== null ? end.checkpoint : base
  expect((await readBlob(mirror, saved, "src/sum.js", 1_000, signal))?.toString()).toContain("a + b")
})
