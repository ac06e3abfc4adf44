import { keepModelReady } from "@twolane/agent/model/open-model"
import { readHost } from "@twolane/common"
import { deliver, type LaneAtWork, type WorkerProcess, watchDisk } from "@twolane/turns"
import { keepTrees } from "./known-trees.ts"
import { runFast } from "./run-fast.ts"
import { listenForTurns } from "./server.ts"
import { makeSocketFolder } from "./socket-folder.ts"
import { keepWarm } from "./warm.ts"

/** Sockets to the model that stand ready: one for the next task, one for whoever is interrupted. */
const readySockets = 2

/** Starts taking turns of the fast lane: directly over its socket, and those that come back through the queue. */
export const startFastWorker = async (worker: WorkerProcess): Promise<LaneAtWork> => {
  const { config, store, model, log } = worker
  const disk = await watchDisk(config.dataDir)
  const folder = await makeSocketFolder(readHost().runtimeDir)
  const capacity = config.concurrency.fast
  const announce = () => {
    // The next beat says it again.
    handle
      .announce()
      .catch((error: unknown) => log.debug({ error }, "the worker could not say what it keeps"))
  }
  const ready = keepModelReady(model, worker.engine === "noop" ? 0 : readySockets)
  const warm = keepWarm(config.fastIdleMs, capacity * 2, announce)
  const deps = { ...worker, warm, trees: keepTrees() }
  const server = await listenForTurns(deps, folder.socket)
  const handle = await store.startWorker({
    lane: "fast",
    id: worker.id,
    capacity,
    version,
    sandbox: worker.sandbox,
    host: worker.host,
    provider: new URL(model.baseUrl).host,
    ways: server.ways,
    keeps: () => warm.tasks(),
    started: state => ({
      model: state.turns.find(turn => turn.endedAt === undefined)?.options.model ?? model.model,
      engine: worker.engine,
      ...(model.simulated ? { simulated: true } : {}),
    }),
    holding: disk.problem,
    ...(worker.left === undefined ? {} : { left: worker.left }),
    run: attempt =>
      runFast(deps, attempt, { claimed: Promise.resolve(), delta: delta => attempt.delta(delta) }),
    deliver: (ref, state, effect, signal) => deliver(worker, ref, state, effect, signal),
  })
  server.serve(handle)
  return {
    drain: async graceMs => {
      disk[Symbol.dispose]()
      await handle.drain(graceMs)
      await server[Symbol.asyncDispose]()
      await handle[Symbol.asyncDispose]()
      await warm[Symbol.asyncDispose]()
      await ready[Symbol.asyncDispose]()
      await folder[Symbol.asyncDispose]()
    },
  }
}

/** This build's version, as `GET /v1/workers` shows it. */
const version = "0.1.0"
