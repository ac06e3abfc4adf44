import { liveFact } from "@twolane/chat"
import { derive } from "@twolane/common"
import { type EventId, lastTurn, type TaskDelta, type TaskEvent } from "@twolane/protocol"
import type { TaskRef } from "@twolane/store"
import type { Gateway } from "../gateway.ts"
import { oneAtATime } from "../rounds.ts"
import type { Surface } from "./surface.ts"

/** The gateway that hears a task's words keeps them from the others; of one that died they are free after this. */
const leaseMs = 10_000
const renewEveryMs = 3_000
/** How often it is looked whether more was said. */
const lookEveryMs = 400
/** Of a text that is long its end is kept. */
const mostChars = 6_000
/** After these nobody speaks. */
const silent: ReadonlySet<string> = new Set(["turn.ended", "gate.opened", "turn.queued"])

/** Shows in the living messages what agents are just saying. */
export type LiveWords = AsyncDisposable & {
  /** Begins to listen to the task of a living message, unless it is listened to or nothing of it runs. */
  hear(ref: TaskRef, row: string, surface: Surface): void
}

/**
 * Listens to the live text of tasks that run, one gateway to each, and keeps what was said so far with the conversation. The living message
 * is then edited as for any change of the task, so a crash leaves nothing behind: what is said is whole in the event that ends it.
 */
export const startLiveWords = (gateway: Gateway): LiveWords => {
  const heard = new Map<string, Promise<void>>()
  return {
    hear: (ref, row, surface) => {
      if (heard.has(row) || gateway.stopping.aborted) return
      const hearing = hearOne(gateway, { ref, row, surface })
        .catch((error: unknown) => gateway.log.debug({ error, row }, "live text of a task was not heard"))
        .finally(() => heard.delete(row))
      heard.set(row, hearing)
    },
    [Symbol.asyncDispose]: async () => void (await Promise.all(heard.values())),
  }
}

type Heard = { ref: TaskRef; row: string; surface: Surface }

const hearOne = async (gateway: Gateway, heard: Heard): Promise<void> => {
  const { store, stopping } = gateway
  const { ref, row } = heard
  const state = await store.read(ref)
  if (state === null || lastTurn(state)?.status !== "running") return
  const lease = store.lease(`words/${row}`, leaseMs)
  if (!(await lease.renew())) return
  using hearing = derive(stopping)
  const said = saidSince(state.lastEventId)
  const round = oneAtATime(gateway, "live text was not shown", async () => {
    if (said.renewAt <= performance.now()) {
      said.renewAt = performance.now() + renewEveryMs
      if (!(await lease.renew())) return hearing.abort({ by: "superseded" })
    }
    await show(gateway, heard, said)
  })
  const timer = setInterval(round.look, lookEveryMs)
  try {
    for await (const item of store.follow(ref, state.lastEventId, hearing.signal)) {
      note(said, item)
      if (silent.has(item.type)) return
    }
  } finally {
    clearInterval(timer)
    await round.ended()
    await lease.release()
  }
}

/** What was said since the event `after`, when it may be shown as far as it goes. */
type Said = { text: string; after: EventId; last: EventId; shown: string; renewAt: number }

const saidSince = (last: EventId): Said => ({ text: "", after: last, last, shown: "", renewAt: 0 })

const note = (said: Said, item: TaskEvent | TaskDelta): void => {
  if (item.type === "message.delta") {
    if (said.text === "") said.after = said.last
    said.text = `${said.text}${item.text}`.slice(-mostChars)
  }
  if (!("id" in item)) return
  said.last = item.id
  if (item.type === "message.done" || item.type === "turn.started") said.text = ""
}

/** Keeps it with the conversation, and has the living message say it; as often as the platform's limits leave room for. */
const show = async ({ store }: Gateway, { ref, row, surface }: Heard, said: Said): Promise<void> => {
  const { text, after } = said
  if (text.trim() === "" || text === said.shown) return
  const talk = await store.chat.talk(ref)
  if (talk === null) return
  const { platform, workspace } = talk
  if (!(await store.chat.pace(`${platform}/${workspace}`, surface.wordsEveryMs))) return
  const fact = { do: "fact", about: ref, newest: true, ...liveFact(text, after) } as const
  await store.chat.change([fact, { do: "touch", id: row }])
  said.shown = text
}
