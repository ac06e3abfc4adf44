import { hostname } from "node:os"
import { endTurn, newId, type Problem, type Task } from "@twolane/protocol"
import type { RunTurn, Store } from "@twolane/store"
import type { House } from "@twolane/testkit"

const mostInBatch = 500
/** How many pieces the loud turn says, and how long each is: more than the kernel takes for one that does not read. */
export const loud = { prompt: "be loud", pieces: 80, chars: 200_000 }

/** Submits deep tasks in batches, over some repos; answers their ids. */
export const submitAll = async (house: House, count: number, repos: readonly string[]): Promise<string[]> => {
  const ids: string[] = []
  while (ids.length < count) {
    const tasks = Array.from({ length: Math.min(mostInBatch, count - ids.length) }, (_, index) => ({
      repo: repos[index % repos.length],
      lane: "deep",
      prompt: "wait for your turn",
    }))
    const { body, status, text } = await house.call("POST", "/v1/tasks/batch", { tasks })
    if (status !== 200) throw new Error(text)
    for (const item of (body as { items: (Task | Problem)[] }).items)
      if ("id" in item) ids.push(item.id)
      else throw new Error(item.detail)
  }
  return ids
}

/** How many turns of the deep lane wait, as everybody sees it. */
export const waiting = async (house: House): Promise<number> => {
  const { body } = await house.call("GET", "/v1/queue")
  return (body as { lanes: { deep: { waiting: number } } }).lanes.deep.waiting
}

/** A worker whose turns end at once; the loud one speaks when it is let. `runs` counts the attempts of each task. */
export const startDeepWorker = async (store: Store, speak: Promise<void>) => {
  const runs = new Map<string, number>()
  const run: RunTurn = async attempt => {
    const { task, turn } = attempt
    runs.set(task, (runs.get(task) ?? 0) + 1)
    if (attempt.state().prompt === loud.prompt) {
      await speak
      for (let piece = 0; piece < loud.pieces; piece += 1) {
        const text = String(piece % 10).repeat(loud.chars)
        await attempt.write((_state, at) => [{ type: "message.done", text, turn, at }])
      }
    }
    await attempt.write((state, at) => endTurn(state, turn, { status: "succeeded" }, at))
  }
  const worker = await store.startWorker({
    lane: "deep",
    id: newId("op"),
    capacity: 20,
    version: "test",
    sandbox: "none",
    host: hostname(),
    started: () => ({ model: "none", engine: "builtin" }),
    holding: () => null,
    run,
    deliver: async () => ({ ok: false, code: "internal", detail: "this worker delivers nothing" }),
  })
  return { runs, [Symbol.asyncDispose]: () => worker[Symbol.asyncDispose]() }
}
