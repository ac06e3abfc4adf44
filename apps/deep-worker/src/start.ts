import { deliver, type LaneAtWork, type WorkerProcess, watchDisk } from "@twolane/turns"
import { runAttempt } from "./run-attempt.ts"

/** Starts taking turns of the deep lane. */
export const startDeepWorker = async (deps: WorkerProcess): Promise<LaneAtWork> => {
  const { config, store, model } = deps
  const disk = await watchDisk(config.dataDir)
  const worker = await store.startWorker({
    lane: "deep",
    id: deps.id,
    capacity: config.concurrency.deep,
    version,
    sandbox: deps.sandbox,
    host: deps.host,
    provider: new URL(model.baseUrl).host,
    started: state => ({
      model: state.turns.find(turn => turn.endedAt === undefined)?.options.model ?? model.model,
      engine: deps.engine,
      ...(model.simulated ? { simulated: true } : {}),
    }),
    holding: disk.problem,
    run: attempt => runAttempt(deps, attempt),
    ...(deps.left === undefined ? {} : { left: deps.left }),
    deliver: (ref, state, effect, signal) => deliver(deps, ref, state, effect, signal),
  })
  return {
    drain: async graceMs => {
      disk[Symbol.dispose]()
      await worker.drain(graceMs)
    },
  }
}

/** This build's version, as `GET /v1/workers` shows it. */
const version = "0.1.0"
