import type { Duplex } from "node:stream"
import { readMessages, sendMessage } from "@twolane/common/json-lines"
import type { FromKeeper, OperationName, Operations, ToKeeper } from "./protocol.ts"

/** The keeper has ended: nothing of its workspace runs any more, and nothing more can be done with it. */
export class KeeperLost extends Error {
  constructor(words: string) {
    super(`The workspace's keeper has ended: ${words}`)
    this.name = "KeeperLost"
  }
}

/** The worker's end of the channel to one keeper. */
export type Calls = {
  /**
   * An abort cancels the call, waits for its answer, and throws the signal's reason. `urgent`: the answer must come within
   * the time that a cancel has, too.
   */
  call: <Name extends OperationName>(
    name: Name,
    input: Operations[Name]["input"],
    options: { signal?: AbortSignal; onText?: (text: string) => void; urgent?: boolean },
  ) => Promise<Operations[Name]["output"]>
  beat: (agoMs: number) => void
  close: () => void
}

type Open = {
  resolve: (value: unknown) => void
  reject: (error: Error) => void
  onText: ((text: string) => void) | undefined
}

/** What calls need of the keeper's process: when it has ended, and what to do when it does not answer a cancel in time. */
export type KeeperProcess = { ended: Promise<string>; answerTimeoutMs: number; onStuck: () => void }

/** Speaks to a keeper over its channel. */
export const createCalls = (channel: Duplex, { ended, answerTimeoutMs, onStuck }: KeeperProcess): Calls => {
  const open = new Map<number, Open>()
  let lastId = 0
  let lost: KeeperLost | null = null
  // A keeper that dies shows as a closed channel; its exit tells why.
  channel.on("error", () => {})
  void ended.then(words => {
    lost = new KeeperLost(words)
    for (const each of open.values()) each.reject(lost)
    open.clear()
    channel.destroy()
  })
  readMessages<FromKeeper>(channel, message => {
    const waiting = open.get(message.id)
    if (message.type === "text") return waiting?.onText?.(message.text)
    open.delete(message.id)
    if (message.type === "done") waiting?.resolve(message.value)
    else waiting?.reject(Object.assign(new Error(message.error), message.system))
  })
  const send = (message: ToKeeper): void => sendMessage(channel, message)
  const ask = (name: OperationName, input: unknown, id: number, onText: Open["onText"]): Promise<unknown> =>
    new Promise((resolve, reject) => {
      if (lost !== null) return reject(lost)
      open.set(id, { resolve, reject, onText })
      send({ type: "call", id, name, input } as ToKeeper)
    })
  return {
    async call(name, input, { signal, onText, urgent = false }) {
      signal?.throwIfAborted()
      lastId += 1
      const id = lastId
      let late: NodeJS.Timeout | undefined
      const hurry = () => {
        late = setTimeout(onStuck, answerTimeoutMs)
      }
      const onAbort = () => {
        send({ type: "cancel", id })
        hurry()
      }
      if (urgent) hurry()
      signal?.addEventListener("abort", onAbort, { once: true })
      try {
        return (await ask(name, input, id, onText)) as Operations[typeof name]["output"]
      } finally {
        clearTimeout(late)
        signal?.removeEventListener("abort", onAbort)
        signal?.throwIfAborted()
      }
    },
    beat: agoMs => send({ type: "beat", agoMs }),
    close: () => channel.end(),
  }
}
