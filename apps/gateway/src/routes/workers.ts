import { deadline, sleep } from "@twolane/common"
import { drainedWords, EmptyRequest, Fault, WorkerView } from "@twolane/protocol"
import { z } from "zod"
import type { Gateway } from "../gateway.ts"
import type { App } from "../http/app.ts"
import { callerOf } from "../http/auth.ts"
import { answerOnce } from "../http/idempotency.ts"
import { problems } from "../http/schemas.ts"
import { viewWorkers } from "./queue.ts"

const WorkerPath = z.strictObject({ worker: z.string().min(1).max(100) })

/** A worker hears of it at its next beat, which comes each second. */
const confirmedWithinMs = 5_000
const lookEveryMs = 50

/** Letting a worker take no new turns, for an update or a machine that goes away, and take turns again. */
export const workerRoutes = (app: App, gateway: Gateway): void => {
  for (const [verb, drained] of [
    ["drain", true],
    ["resume", false],
  ] as const)
    app.post(
      `/v1/workers/:worker/${verb}`,
      {
        schema: {
          summary: drained
            ? "Let a worker take no new turns; what it has goes on"
            : "Let a worker take turns again",
          description:
            "Answers when the worker has said so (`holding` is then `drained`, or absent), or after 5 s. It holds as long as that process runs.",
          tags: ["queue"],
          params: WorkerPath,
          body: EmptyRequest,
          response: { 200: WorkerView, ...problems },
        },
      },
      (request, reply) =>
        answerOnce(gateway, request, reply, {
          subject: "",
          repeatable: true,
          act: async () => {
            const { worker } = request.params
            if ((await gateway.store.setDrained(worker, drained)) === null) throw noSuchWorker()
            return {
              status: 200,
              body: await confirmed(gateway, callerOf(request).team, { worker, drained }),
            }
          },
        }),
    )
}

/** The worker once it says that it is drained, or not any more; after a while as it is. */
const confirmed = async (
  gateway: Gateway,
  team: string,
  { worker, drained }: { worker: string; drained: boolean },
): Promise<WorkerView> => {
  using time = deadline(confirmedWithinMs, gateway.ending)
  for (;;) {
    const { items } = await viewWorkers(gateway, team)
    const found = items.find(({ id }) => id === worker)
    if (found === undefined) throw noSuchWorker()
    if ((found.holding === drainedWords) === drained || time.signal.aborted) return found
    await sleep(lookEveryMs, time.signal).catch(() => undefined) // the time is over: it is answered as it is
  }
}

const noSuchWorker = (): Fault => new Fault("not-found", "There is no such worker.")
