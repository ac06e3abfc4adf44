import { setTimeout as sleep } from "node:timers/promises"
import { type NewEvent, newId, noUsage, turnOf } from "@twolane/protocol"
import type { AbortCause, Attempt, EffectResult, Store, WorkerOptions } from "@twolane/store"
import { refuseCanceled } from "@twolane/turns"
import type { Machine } from "./machine.ts"
import type { Random } from "./random.ts"
import type { Remote } from "./remote.ts"
import type { Sandboxes } from "./sandboxes.ts"

/** What scripted workers act on. */
export type Stage = { random: Random; sandboxes: Sandboxes; remote: Remote }

/** A commit's name, fresh for each change. */
const commitOf = (random: Random): string =>
  Array.from({ length: 40 }, () => random.whole(0, 15).toString(16)).join("")

/** A turn's run, as a worker's: some steps, a checkpoint at times, a change at the end; told to stop, it stops as a real one does. */
export const runTurn =
  ({ random, sandboxes }: Stage, machine: Machine) =>
  async (attempt: Attempt): Promise<void> => {
    const sandbox = sandboxes.begin({
      task: attempt.task,
      attempt: attempt.attempt,
      machine,
      provedAt: attempt.provedAt,
    })
    const end = () => {
      sandbox.ended = true
    }
    attempt.signal.addEventListener("abort", end, { once: true })
    if (attempt.signal.aborted) end()
    try {
      await work(random, attempt)
    } catch (error) {
      if (!attempt.signal.aborted) throw error
      end()
      await stopped(attempt)
    } finally {
      end()
    }
  }

const work = async (random: Random, attempt: Attempt): Promise<void> => {
  const { turn } = attempt
  const base = attempt.state().base ?? "b".repeat(40)
  for (let steps = random.whole(1, 4); steps > 0; steps--) {
    await sleep(random.whole(20, 2_500), undefined, { signal: attempt.signal })
    const at = attempt.now()
    const text: NewEvent = { type: "message.done", turn, at, text: `step ${steps}` }
    const patch: NewEvent = {
      type: "patch.applied",
      turn,
      at,
      files: [],
      diff: "",
      checkpoint: commitOf(random),
    }
    await attempt.write(random.chance(0.5) ? [text, patch] : [text])
  }
  const asked = turnOf(attempt.state(), turn)?.decisions.length ?? 0
  if (asked === 0 && random.chance(0.15)) return await ask(attempt)
  await attempt.write((state, at) => {
    refuseCanceled(state, turn)
    const rejected = state.steers
      .filter(steer => steer.turn === turn)
      .map(({ steer }): NewEvent => ({ type: "steer.applied", turn, at, steer }))
    const change = { branch: state.branch, base, head: commitOf(random), files: 1, added: 1, removed: 0 }
    return [
      ...rejected,
      ...(state.group === undefined ? [] : [testsOf(turn, at)]),
      { type: "change.ready", turn, at, ...change },
      { type: "turn.ended", turn, at, outcome: { status: "succeeded" }, usage: noUsage },
    ]
  })
}

/** A race is decided by them. */
const testsOf = (turn: string, at: number): NewEvent => ({
  type: "tests.ended",
  status: "passed",
  command: "test",
  durationMs: 1,
  output: "",
  turn,
  at,
})

/** A question to a person: the turn waits without a worker. */
const ask = async (attempt: Attempt): Promise<void> => {
  const gate = newId("gate")
  await attempt.write((state, at) => {
    refuseCanceled(state, attempt.turn)
    return [{ type: "gate.opened", turn: attempt.turn, at, gate, kind: "command", detail: "may I?" }]
  })
}

/** What is written when a person stopped it; on shutdown the store puts the turn back in line by itself. */
const stopped = async (attempt: Attempt): Promise<void> => {
  const cause = attempt.signal.reason as AbortCause
  if (cause.by !== "user") throw cause
  const { turn } = attempt
  const by = turnOf(attempt.state(), turn)?.cancel?.by ?? cause.actor
  await attempt.write((_, at) => [
    { type: "cancel.confirmed", turn, at, ms: at - cause.requestedAt, killed: 1, proof: "worker" },
    { type: "turn.ended", turn, at, outcome: { status: "canceled", by }, usage: noUsage },
  ])
}

/** Pushes what was accepted: looks first, pushes with a lease, and writes the review. */
export const deliver =
  ({ random, remote }: Stage, store: () => Store): WorkerOptions["deliver"] =>
  async (ref, state, effect, signal): Promise<EffectResult> => {
    if (state.review === "accepted") return { ok: true, value: {} }
    if (state.review === "discarded" || state.head !== effect.head)
      return { ok: false, code: "conflict", detail: "the task changed" }
    const expected = remote.head(state.branch)
    await sleep(random.whole(5, 800), undefined, { signal })
    if (!remote.push(state.branch, effect.head, expected))
      return { ok: false, code: "branch-moved", detail: "somebody pushed" }
    await sleep(random.whole(5, 800), undefined, { signal })
    await store().change({
      ...ref,
      decide: (now, at) =>
        now.review === "accepted"
          ? []
          : [
              {
                type: "branch.pushed",
                turn: null,
                at,
                remote: "origin",
                branch: state.branch,
                head: effect.head,
              },
              { type: "task.reviewed", turn: null, at, decision: "accepted", by: effect.by },
            ],
    })
    return { ok: true, value: { head: effect.head } }
  }
