import type { Store, WorkerHandle, WorkerOptions } from "@twolane/store"
import { defaultDiskFloor, diskProblem, diskSpace } from "@twolane/workspace"
import { deliver } from "./deliver.ts"
import { runAttempt } from "./run-attempt.ts"
import type { WorkerDeps } from "./worker-deps.ts"

/** What a worker's process knows of itself, beside what its turns run with. */
export type DeepWorkerOptions = WorkerDeps & Pick<WorkerOptions, "id" | "host" | "sandbox">

/** How often the disk is looked at. */
const diskEveryMs = 5_000

/** Starts taking turns of the deep lane. */
export const startDeepWorker = async (deps: DeepWorkerOptions): Promise<WorkerHandle> => {
  const { config, store, model } = deps
  const disk = await watchDisk(config.dataDir)
  const worker = await store.startWorker({
    lane: "deep",
    id: deps.id,
    capacity: config.concurrency.deep,
    version,
    sandbox: deps.sandbox,
    host: deps.host,
    started: state => ({
      model: state.turns.find(turn => turn.endedAt === undefined)?.options.model ?? model.model,
      engine: deps.engine,
      ...(model.simulated ? { simulated: true } : {}),
    }),
    holding: disk.problem,
    run: attempt => runAttempt(deps, attempt),
    deliver: (ref, state, effect, signal) => deliver(deps, ref, state, effect, signal),
  } satisfies Parameters<Store["startWorker"]>[0])
  const drain: WorkerHandle["drain"] = async graceMs => {
    disk.stop()
    await worker.drain(graceMs)
  }
  return { drain, [Symbol.asyncDispose]: () => drain(0) }
}

/** This build's version, as `GET /v1/workers` shows it. */
const version = "0.1.0"

/** Looks at the disk before it is full: a new turn then waits with the reason. */
const watchDisk = async (dataDir: string) => {
  let problem = diskProblem(await diskSpace(dataDir), defaultDiskFloor)
  const timer = setInterval(() => {
    diskSpace(dataDir).then(
      space => {
        problem = diskProblem(space, defaultDiskFloor)
      },
      (error: unknown) => {
        problem = `the data folder cannot be read: ${String(error)}`
      },
    )
  }, diskEveryMs)
  timer.unref()
  return { problem: () => problem, stop: () => clearInterval(timer) }
}
