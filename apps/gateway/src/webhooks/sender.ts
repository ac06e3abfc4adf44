import { type Delivery, isFault, type Webhook } from "@twolane/protocol"
import type { Gateway } from "../gateway.ts"
import { tryMessage } from "./try-message.ts"

/** Wake-ups come at once; this finds what they missed, and what is due again. */
const lookEveryMs = 1_000
/** Rounds of a team under load are so far apart, and each takes up all that has come. */
const spacingMs = 50
/** One receiver gets so many at once, so that a slow one takes nothing from the others. */
const atOnce = 4
/** After so many failures in a row a receiver gets one try at a time, and rests between two. */
const failuresToRest = 5
const restMs = 30_000

/** What this process knows of one receiver. */
type Receiver = { busy: number; failures: number; restsUntil: number }

/**
 * Sends a team's events to its webhooks, in each gateway: the store gives every message to one of them at a time. It goes on where a
 * gateway stopped or died.
 */
export const startWebhooks = (gateway: Gateway): AsyncDisposable => {
  const { store, log, stopping, ending } = gateway
  const receivers = new Map<string, Receiver>()
  const listening = new Map<string, Promise<() => void>>()
  const sending = new Set<Promise<void>>()
  const working = new Map<string, Promise<void>>()
  const again = new Set<string>()

  const receiverOf = (hook: Webhook): Receiver => {
    const known = receivers.get(hook.id) ?? { busy: 0, failures: 0, restsUntil: 0 }
    receivers.set(hook.id, known)
    return known
  }
  const sendOne = async (hook: Webhook, receiver: Receiver, message: Delivery) => {
    receiver.busy += 1
    try {
      const tried = await tryMessage(gateway, hook, message, { signal: ending })
      receiver.failures = tried.succeeded ? 0 : receiver.failures + 1
      if (receiver.failures >= failuresToRest) receiver.restsUntil = performance.now() + restMs
      if (tried.gone) await store.webhooks.disable(hook.team, hook.id, "its receiver answered 410 Gone")
      await store.webhooks.settle(hook, tried.message, tried.succeeded)
    } catch (error) {
      // It comes again after a while, here or in another gateway.
      if (!ending.aborted) log.warn({ error, webhook: hook.id }, "a message to a webhook was not settled")
    } finally {
      receiver.busy -= 1
    }
  }
  const sendDue = async (hook: Webhook) => {
    const receiver = receiverOf(hook)
    const weak = receiver.failures >= failuresToRest
    const room = (weak ? 1 : atOnce) - receiver.busy
    if (stopping.aborted || room <= 0 || performance.now() < receiver.restsUntil) return
    for (const message of await store.webhooks.take(hook, room)) {
      const sent = sendOne(hook, receiver, message).finally(() => {
        sending.delete(sent)
        // There may be more that waits.
        work(hook.team)
      })
      sending.add(sent)
    }
  }
  const serve = async (team: string) => {
    for (const hook of await store.webhooks.sending(team)) {
      while (!stopping.aborted && (await store.webhooks.gather(hook)));
      await sendDue(hook)
    }
  }
  /** One round a team at a time; what is asked for meanwhile is one more. */
  const work = (team: string) => {
    if (stopping.aborted) return
    if (working.has(team)) return void again.add(team)
    const round = serve(team)
      .catch(error => {
        if (!isFault(error, "store-unavailable")) log.warn({ error, team }, "webhooks were not served")
      })
      .finally(() => {
        working.delete(team)
        if (again.delete(team)) setTimeout(() => work(team), spacingMs)
      })
    working.set(team, round)
  }
  const look = async () => {
    const teams = await store.webhooks.teams()
    for (const team of teams) {
      if (!listening.has(team)) {
        const stop = store.webhooks.listen(team, () => work(team))
        listening.set(team, stop)
        stop.catch(() => listening.delete(team))
      }
      work(team)
    }
  }
  const timer = setInterval(() => {
    look().catch(error => {
      if (!isFault(error, "store-unavailable")) log.warn({ error }, "webhooks were not looked at")
    })
  }, lookEveryMs)
  return {
    [Symbol.asyncDispose]: async () => {
      clearInterval(timer)
      const stops = await Promise.allSettled(listening.values())
      for (const stop of stops) if (stop.status === "fulfilled") stop.value()
      await Promise.allSettled([...working.values(), ...sending])
    },
  }
}
