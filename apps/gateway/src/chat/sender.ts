import type { TakenRow } from "@twolane/store"
import type { Gateway } from "../gateway.ts"
import { oneAtATime } from "../rounds.ts"
import { changesOf, statusId } from "./changes.ts"
import { type LiveWords, startLiveWords } from "./live-words.ts"
import { sendRow } from "./send-row.ts"
import type { Surface } from "./surface.ts"

/** Wake-ups come at once; this finds what they missed, and what is due again. */
const lookEveryMs = 500
/** So many messages of a platform are sent at once here, so that a slow one takes nothing from the others. */
const atOnce = 4

/**
 * Sends the messages of chats, in each gateway: the store gives every message to one of them at a time. It goes on where a gateway stopped or
 * died, and no task ever waits for it.
 */
export const startChatSender = (gateway: Gateway, surfaces: readonly Surface[]): AsyncDisposable => {
  const { store, log } = gateway
  const working = new Set<Promise<void>>()
  const words = startLiveWords(gateway)
  const rounds = [
    oneAtATime(gateway, "conversations were not looked at", () => gatherAll(gateway, surfaces, words)),
    ...surfaces.map(surface => {
      const sender = platformSender(gateway, surface, { working, words })
      return oneAtATime(gateway, "messages to chats were not looked at", sender)
    }),
  ]
  const lookAtAll = () => {
    for (const round of rounds) round.look()
  }
  const listening = store.chat.listen(lookAtAll).catch((error: unknown) => {
    log.warn({ error }, "messages to chats are only looked at twice a second")
    return () => {}
  })
  const timer = setInterval(lookAtAll, lookEveryMs)
  return {
    [Symbol.asyncDispose]: async () => {
      clearInterval(timer)
      const stop = await listening
      stop()
      await Promise.all(rounds.map(round => round.ended()))
      await Promise.all(working)
      await words[Symbol.asyncDispose]()
    },
  }
}

const gatherAll = async (gateway: Gateway, surfaces: readonly Surface[], words: LiveWords): Promise<void> => {
  const { store, stopping } = gateway
  const known = new Map(surfaces.map(surface => [surface.platform, surface]))
  for (const team of await store.chat.teams()) {
    const gather = () =>
      store.chat.gather(team, async (_team, talk, event) => {
        const surface = known.get(talk.platform)
        // A platform that is not set up here any more.
        if (surface === undefined) return []
        const { markup } = surface
        if (event.type === "turn.started") words.hear(talk, statusId(talk), surface)
        return changesOf(talk, event, { markup, read: () => store.read({ team, task: event.task }) })
      })
    while (!stopping.aborted && (await gather()));
  }
}

type Under = { working: Set<Promise<void>>; words: LiveWords }

const platformSender = (gateway: Gateway, surface: Surface, { working, words }: Under) => {
  const { store, log, stopping, ending } = gateway
  let busy = 0
  let restsUntil = 0
  const sendOne = async (taken: TakenRow): Promise<void> => {
    try {
      const { row, settled, leaveAloneMs } = await sendRow(gateway, surface, taken, ending)
      if (leaveAloneMs !== undefined) restsUntil = performance.now() + leaveAloneMs
      await store.chat.settle({ ...taken, row }, settled)
      // Whoever listened to its task may have died.
      if (row.say.kind === "status" && row.about !== undefined) words.hear(row.about, row.id, surface)
    } catch (error) {
      // It comes again after a while, here or in another gateway.
      if (!ending.aborted) log.warn({ error, row: taken.row.id }, "a message to a chat was not settled")
    }
  }
  const round = async (): Promise<void> => {
    const room = atOnce - busy
    if (stopping.aborted || room <= 0 || performance.now() < restsUntil) return
    for (const taken of await store.chat.take(surface.platform, room)) {
      busy += 1
      const sent = sendOne(taken).finally(() => {
        busy -= 1
        working.delete(sent)
        // There may be more that waits.
        if (!stopping.aborted) round().catch(() => {})
      })
      working.add(sent)
    }
  }
  return round
}
