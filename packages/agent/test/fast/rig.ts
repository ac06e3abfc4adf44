import { neverAborted, orAborted } from "@twolane/common"
import { changesOfPlan } from "@twolane/common/guardrails/changed-file"
import { judgeCommand, judgePatch } from "@twolane/common/guardrails/judge"
import { type Policy, policyFor } from "@twolane/common/guardrails/policy"
import { applyPatch } from "@twolane/common/patch/apply"
import { parsePatch } from "@twolane/common/patch/parse"
import {
  type DeltaBody,
  type EventBody,
  foldEvents,
  type LaneRules,
  type NewEvent,
  type TaskEvent,
  type TaskState,
  type TranscriptEntry,
  type TurnOptions,
} from "@twolane/protocol"
import { type ModelOptions, type ModelServer, startModel } from "@twolane/testkit"
import type { FastEnd, FastPlan, FastPorts } from "../../src/fast/ports.ts"
import { runFastTurn } from "../../src/fast/run-fast-turn.ts"
import type { Journal } from "../../src/journal.ts"
import { createOpenModel } from "../../src/model/open-model.ts"
import type { ModelSession, ModelTransport } from "../../src/model/port.ts"
import type { ModelTiming } from "../../src/model/timing.ts"
import { fastInstructions } from "../../src/prompt/fast.ts"
import { quick } from "../model/harness.ts"
import type { Tree } from "./tree.ts"

/** A task's log in memory, folded as the store folds it. */
export const makeLog = () => {
  const log: TaskEvent[] = []
  const transcript: TranscriptEntry[] = []
  let attempt = 0
  let count = 0
  let wake = Promise.withResolvers<void>()
  const state = (): TaskState => foldEvents(null, log)
  const append = (events: readonly NewEvent[]): TaskEvent[] => {
    const stored = events.map(event => {
      count += 1
      return { ...event, id: `${attempt}-${count}`, task: "task_1", attempt }
    })
    log.push(...stored)
    return stored
  }
  return {
    log,
    transcript,
    state,
    append,
    /** As the gateway writes: whoever waits for a change hears of it. */
    tell: (event: NewEvent) => {
      append([event])
      wake.resolve()
      wake = Promise.withResolvers<void>()
    },
    claim: (turn: string): Journal => {
      attempt += 1
      count = 0
      append([
        {
          type: "turn.started",
          lane: "fast",
          worker: "w",
          model: "m",
          engine: "builtin",
          base: "base",
          branch: "b",
          turn,
          at: Date.now(),
        },
      ])
      return {
        turn,
        attempt,
        state,
        write: async (events, more) => {
          transcript.push(...(more?.transcript ?? []))
          return append(events)
        },
        transcript: async () => [...transcript],
        delta: () => undefined,
        now: Date.now,
        changed: signal => orAborted(wake.promise, signal),
      }
    },
  }
}
export type Log = ReturnType<typeof makeLog>

const by = { key: "k", name: "Ada" }

/** Writes a turn that waits to be run; the first one makes the task. */
export const queueTurn = (
  log: Log,
  turn: string,
  prompt: string,
  more: Partial<Extract<EventBody, { type: "turn.queued" }>> = {},
): void => {
  const at = Date.now()
  if (log.log.length === 0)
    log.append([
      {
        type: "task.created",
        team: "t",
        repo: "r",
        title: prompt,
        prompt,
        by,
        origin: "api",
        labels: [],
        priority: "normal",
        base: null,
        baseAtSubmit: null,
        turn: null,
        at,
      },
    ])
  log.append([
    {
      type: "turn.queued",
      lane: "fast",
      position: null,
      reason: "asked for",
      prompt,
      by,
      options: {} satisfies TurnOptions,
      turn,
      at,
      ...more,
    },
  ])
}

export const fastPolicy = (request: LaneRules = {}): Policy => {
  const merged = policyFor({ lane: "fast", file: undefined, request })
  if (!merged.ok) throw new Error("loosened")
  return merged.policy
}

/** A simulated model, a session with it, and one task. */
export type Rig = AsyncDisposable & {
  server: ModelServer
  session: ModelSession
  log: Log
  deltas: DeltaBody[]
  run(
    tree: Tree,
    more?: {
      turn?: string
      prompt?: string
      policy?: Policy
      ports?: Partial<FastPorts>
      plan?: Partial<FastPlan>
    },
    signal?: AbortSignal,
  ): Promise<FastEnd>
}

export const openRig = async (
  model: ModelOptions,
  transport: ModelTransport = "websocket",
  timing: Partial<ModelTiming> = {},
): Promise<Rig> => {
  const server = await startModel(model)
  const session = createOpenModel({ ...quick, ...timing })({
    model: "m",
    baseUrl: server.url,
    apiKey: "",
    transport,
  })
  const log = makeLog()
  const deltas: DeltaBody[] = []
  return {
    server,
    session,
    log,
    deltas,
    run: (
      tree,
      { turn = "turn_1", prompt = "Mend it.", policy = fastPolicy(), ports = {}, plan = {} } = {},
      signal = neverAborted(),
    ) => {
      if (!log.log.some(event => event.turn === turn)) queueTurn(log, turn, prompt)
      const state = log.state()
      const files = new Map(tree.now)
      const request = {
        repo: "r",
        prompt,
        agentsFile: null,
        scope: [],
        rules: [],
        files,
        left: [],
        red: null,
        handoff: null,
      }
      const limits = {
        seconds: 120,
        steps: 100,
        cycles: policy.maxCycles,
        tokens: null,
        costUsd: null,
        costNamed: false,
      }
      return runFastTurn(
        {
          turn,
          state,
          transcript: [...log.transcript],
          model: "m",
          instructions: fastInstructions,
          request,
          windowTokens: 100_000,
          limits,
          test: "targeted",
          policy,
          changed: [],
          ...plan,
        },
        {
          journal: ports.journal ?? Promise.resolve().then(() => log.claim(turn)),
          workspace: Promise.resolve(tree.made),
          model: session,
          judge: judgeOf(policy, tree),
          price: () => null,
          delta: delta => deltas.push(delta),
          now: Date.now,
          ...ports,
        },
        signal,
      )
    },
    [Symbol.asyncDispose]: async () => {
      await session[Symbol.asyncDispose]()
      await server.stop()
    },
  }
}

const judgeOf = (policy: Policy, tree: Tree): FastPorts["judge"] => ({
  patch: async text => {
    const parsed = parsePatch(text)
    const plan = parsed.ok ? applyPatch(parsed.patch, path => tree.now.get(path) ?? null) : parsed
    return plan.ok
      ? judgePatch(
          policy,
          changesOfPlan(plan.writes, path => tree.base.get(path) ?? null),
          [],
        )
      : []
  },
  command: command => judgeCommand(policy, command),
  change: async () => [],
})

/** A patch of one line. */
export const patchLine = (path: string, from: string, to: string): string =>
  `*** Begin Patch\n*** Update File: ${path}\n@@\n-${from}\n+${to}\n*** End Patch`

/** The types of events, in order, without those of usage. */
export const typesOf = (log: Log): string[] =>
  log.log.map(({ type }) => type).filter(type => type !== "usage.reported")

/** The events of one type. */
export const only = <Type extends TaskEvent["type"]>(
  log: Log,
  type: Type,
): Extract<TaskEvent, { type: Type }>[] =>
  log.log.filter((event): event is Extract<TaskEvent, { type: Type }> => event.type === type)
