import { Postponed } from "@twolane/common"
import { isFault } from "@twolane/protocol"
import type { Received, Settled } from "@twolane/store"
import type { Gateway } from "../gateway.ts"
import { oneAtATime } from "../rounds.ts"
import type { InboxWork } from "./platform.ts"

/** Wake-ups come at once; this finds what they missed, and what is due again. */
const lookEveryMs = 1_000
/** Deliveries of one platform that are worked at once here. */
const atOnce = 8
/** A delivery that is still worked is kept from others; of a gateway that died it is free after this. */
const hideMs = 15_000
const holdEveryMs = 5_000
/** Waits after a failure; after the last of them it has failed for good. */
const waitsMs = [1_000, 10_000, 60_000, 600_000]
/** What a platform or a store that is away delays is given up after a day. */
const mostDelayMs = 86_400_000

/**
 * Works what is in the inbox, in each gateway: the store gives every delivery to one of them at a time. It goes on where a gateway stopped
 * or died.
 */
export const workInbox = (gateway: Gateway, works: readonly InboxWork[]): AsyncDisposable => {
  const workers = works.map(platform => workPlatform(gateway, platform))
  return {
    [Symbol.asyncDispose]: async () => {
      await Promise.all(workers.map(worker => worker[Symbol.asyncDispose]()))
    },
  }
}

const workPlatform = (gateway: Gateway, platform: InboxWork): AsyncDisposable => {
  const { store, log, stopping } = gateway
  const working = new Set<Promise<void>>()
  const rounds = oneAtATime(gateway, "the inbox was not looked at", async () => {
    while (!stopping.aborted && working.size < atOnce) {
      const most = atOnce - working.size
      const taken = await store.inbox.take(platform.name, { most, hideMs })
      if (taken.length === 0) return
      for (const delivery of taken) {
        const worked = workOne(gateway, platform, delivery).finally(() => {
          working.delete(worked)
          rounds.look()
        })
        working.add(worked)
      }
    }
  })
  const listening = store.inbox.listen(platform.name, rounds.look).catch(error => {
    log.warn({ error }, "the inbox is only looked at each second")
    return () => {}
  })
  const timer = setInterval(rounds.look, lookEveryMs)
  rounds.look()
  return {
    [Symbol.asyncDispose]: async () => {
      clearInterval(timer)
      const stop = await listening
      stop()
      await rounds.ended()
      await Promise.all(working)
    },
  }
}

const workOne = async (gateway: Gateway, platform: InboxWork, delivery: Received): Promise<void> => {
  const { store, log, ending } = gateway
  const holding = setInterval(() => {
    // Whoever loses it may do it twice; what it makes has the same ids.
    store.inbox.hold(delivery, hideMs).catch(error => log.debug({ error }, "a delivery could not be held"))
  }, holdEveryMs)
  try {
    await platform.handle(delivery, ending)
    await store.inbox.settle(delivery, { what: "done" })
  } catch (error) {
    await giveBack(gateway, delivery, error)
  } finally {
    clearInterval(holding)
  }
}

const giveBack = async (gateway: Gateway, delivery: Received, error: unknown): Promise<void> => {
  const { store, log } = gateway
  const settled = whatNext(gateway, delivery, error)
  const { platform, id, failures } = delivery
  const said = { error, platform, delivery: id, failures }
  if (settled.what === "failed") log.error(said, "a delivery was not worked; its platform can send it again")
  else log.warn(said, "a delivery comes again")
  // It comes again by itself when this is lost.
  await store.inbox.settle(delivery, settled).catch(cause => log.debug({ error: cause }, "not settled"))
}

const whatNext = (
  { store, ending }: Gateway,
  { failures, receivedAt }: Received,
  error: unknown,
): Exclude<Settled, { what: "done" }> => {
  const now = store.now()
  if (ending.aborted) return { what: "retry", dueAt: now, failures }
  const delayMs = delayOf(error)
  if (delayMs !== undefined && now - receivedAt < mostDelayMs)
    return { what: "retry", dueAt: now + delayMs, failures }
  const waitMs = delayMs === undefined ? waitsMs[failures] : undefined
  return waitMs === undefined
    ? { what: "failed" }
    : { what: "retry", dueAt: now + waitMs, failures: failures + 1 }
}

/** How long something that is away for now wants to be left alone. */
const delayOf = (error: unknown): number | undefined => {
  if (error instanceof Postponed) return error.afterMs
  return isFault(error, "store-unavailable") || isFault(error, "no-worker") ? 5_000 : undefined
}
