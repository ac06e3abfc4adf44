import { sleep } from "@twolane/common"
import { isFault } from "@twolane/protocol"
import type { Gateway } from "./gateway.ts"

const dayMs = 86_400_000
const sweepEveryMs = 6 * 3_600_000
/** Until the archive, or Redis, can be reached again; or until the gateway that sweeps is done. */
const failedWaitMs = 300_000
/** Longer than a stretch of a sweep takes. */
const leaseMs = 120_000

/**
 * Lets finished tasks go to the archive: one gateway of all at a time goes through them, every six hours; whoever comes next goes by when the last
 * one was through.
 */
export const keepArchive = (
  gateway: Pick<Gateway, "config" | "store" | "log" | "stopping">,
): AsyncDisposable => {
  const { config, log, stopping } = gateway
  if (config.history.archive === null) return { [Symbol.asyncDispose]: async () => {} }
  const loop = async () => {
    while (!stopping.aborted) {
      const waitMs = await sweepOnce(gateway).catch((error: unknown) => {
        if (!isFault(error, "store-unavailable") || error.cause !== undefined)
          log.warn({ error }, "finished tasks could not be archived")
        return failedWaitMs
      })
      await sleep(waitMs, stopping).catch(() => {})
    }
  }
  const running = loop()
  return { [Symbol.asyncDispose]: () => running }
}

/** Answers how long to wait for the next one. */
const sweepOnce = async ({
  config,
  store,
  log,
  stopping,
}: Pick<Gateway, "config" | "store" | "log" | "stopping">): Promise<number> => {
  const { keepDays, archiveDays } = config.history
  const lease = store.lease("archive", leaseMs)
  if (!(await lease.renew())) return failedWaitMs
  try {
    const dueAt = Number((await lease.place()) ?? 0) + sweepEveryMs
    if (dueAt > store.now()) return dueAt - store.now()
    const apart = await store.archive.join("make")
    if (apart !== null) throw new Error(apart)
    const policy = { keepMs: keepDays * dayMs, dropMs: archiveDays === null ? null : archiveDays * dayMs }
    const swept = await store.archive.sweep(policy, async () => !stopping.aborted && (await lease.renew()))
    if (swept.archived + swept.dropped + swept.failed > 0) log.info(swept, "finished tasks were archived")
    if (!stopping.aborted) await lease.setPlace(String(store.now()))
    return sweepEveryMs
  } finally {
    await lease.release()
  }
}
