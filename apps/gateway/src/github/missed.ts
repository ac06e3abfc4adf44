import { Postponed, sleep } from "@twolane/common"
import { type HookDelivery, hookEvents, readHookDeliveries, redeliver } from "@twolane/github"
import type { Lease } from "@twolane/store"
import { z } from "zod"
import type { Gateway } from "../gateway.ts"

/** GitHub gives again what is at most so old. */
const mostAgeMs = 3 * 86_400_000
const lookEveryMs = 300_000
/** After a start it is looked at once, unless somebody just did. */
const startEveryMs = 2_000
const failedWaitMs = 60_000
/** What was on its way at the last look is looked at again. */
const overlapMs = 600_000
/** Longer than a look may take. */
const leaseMs = 120_000
const mostPages = 30
/** What is sent again in one look; the rest comes with the next. */
const mostAtOnce = 100
/** How often one delivery is sent again. */
const mostTries = 3

/** How far somebody looked: all before `since` is dealt with; `tries` counts what was sent again and did not arrive. */
const Place = z.object({ lookedAt: z.number(), since: z.number(), tries: z.record(z.string(), z.number()) })
type Place = z.infer<typeof Place>

/**
 * Has GitHub send again what no gateway took: on a start and every five minutes, one gateway of all at a time. What comes a second time is
 * known by its id in the inbox.
 */
export const fetchMissed = (gateway: Gateway): AsyncDisposable => {
  const { stopping } = gateway
  const lease = gateway.store.lease("github-missed", leaseMs)
  const loop = async () => {
    let gapMs = startEveryMs
    while (!stopping.aborted) {
      const waitMs = await lookOnce(gateway, lease, gapMs)
      // Until GitHub could be asked, this is still the look of a start.
      if (waitMs === lookEveryMs) gapMs = lookEveryMs * 0.9
      await sleep(waitMs, stopping).catch(() => {})
    }
  }
  const running = loop()
  return { [Symbol.asyncDispose]: () => running }
}

/** Looks, when nobody did within `gapMs`; answers how long to wait. */
const lookOnce = async (gateway: Gateway, lease: Lease, gapMs: number): Promise<number> => {
  const { store, log, stopping } = gateway
  try {
    if (!(await lease.renew())) return lookEveryMs
    const place = placeOf(await lease.place(), store.now())
    if (store.now() - place.lookedAt >= gapMs)
      await lease.setPlace(JSON.stringify(await look(gateway, place, stopping)))
    return lookEveryMs
  } catch (error) {
    if (stopping.aborted) return 0
    log.warn({ error }, "what GitHub could not deliver was not asked for; it is in a while")
    return error instanceof Postponed ? Math.max(error.afterMs, 1_000) : failedWaitMs
  } finally {
    await lease.release().catch((error: unknown) => log.debug({ error }, "a lease runs out by itself"))
  }
}

const placeOf = (text: string | null, now: number): Place =>
  text === null ? { lookedAt: 0, since: now - mostAgeMs, tries: {} } : Place.parse(JSON.parse(text))

const look = async (
  { github, store, log }: Gateway,
  { since, tries }: Place,
  signal: AbortSignal,
): Promise<Place> => {
  const lookedAt = store.now()
  const from = Math.max(since - overlapMs, lookedAt - mostAgeMs)
  if (github.asApp === null) return { lookedAt, since, tries }
  const found = await readHookDeliveries(github.asApp, { since: from, mostPages }, signal)
  const { send, left, tries: counted } = missedOf(found, tries)
  for (const { id, guid, event } of send) {
    await redeliver(github.asApp, id, signal)
    log.info({ delivery: guid, event }, "GitHub sends a delivery again that nobody took")
  }
  return { lookedAt, since: left ? since : lookedAt, tries: counted }
}

/** What is to be sent again, in the order in which it was first sent, when each of these was tried so often; `left`: there is more than goes at once. */
export const missedOf = (
  found: readonly HookDelivery[],
  tries: Readonly<Record<string, number>>,
): { send: HookDelivery[]; left: boolean; tries: Record<string, number> } => {
  const taken = new Set(found.filter(({ ok }) => ok).map(({ guid }) => guid))
  const newest = new Map<string, HookDelivery>()
  for (const delivery of found.toSorted((a, b) => a.at - b.at))
    if (hookEvents.includes(delivery.event) && !taken.has(delivery.guid)) newest.set(delivery.guid, delivery)
  const due = [...newest.values()].filter(({ guid }) => (tries[guid] ?? 0) < mostTries)
  const send = due.slice(0, mostAtOnce)
  const sent = new Set(send.map(({ guid }) => guid))
  const count = (guid: string) => (tries[guid] ?? 0) + (sent.has(guid) ? 1 : 0)
  return {
    send,
    left: due.length > send.length,
    tries: Object.fromEntries([...newest.keys()].map(guid => [guid, count(guid)])),
  }
}
