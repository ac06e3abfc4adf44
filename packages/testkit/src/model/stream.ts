import { setImmediate } from "node:timers/promises"
import { orAborted } from "@twolane/common"
import { type Answer, type Ending, responseEvents } from "./response-events.ts"
import type { Item } from "./script.ts"

/** Takes events in bunches; resolves when more may be written. */
export type Sink = (events: readonly Item[]) => Promise<void>

/** Deltas come in bunches at most this often, so that a fast stream needs no timer for each token. */
const tickMs = 4
/** Without a rate: how many events go out before others get their turn. */
const bunch = 64

/** Streams an answer at its own pace. Rejects with the signal's reason when the reader has gone. */
export const streamAnswer = async (answer: Answer, sink: Sink, signal: AbortSignal): Promise<Ending> => {
  const { tokensPerSecond, delayMs, holds } = answer.reply
  const events = responseEvents(answer)
  const allowed = tokensPerSecond === undefined ? null : makePace(tokensPerSecond)
  using pause = makePause(signal)
  let waiting: Item[] = []
  let deltas = 0
  const held = [...(holds ?? [])]
  const dueHold = () =>
    deltas >= (held[0]?.afterDeltas ?? Number.POSITIVE_INFINITY) ? held.shift() : undefined
  const flush = async () => {
    const batch = waiting
    waiting = []
    if (batch.length > 0) await sink(batch)
    signal.throwIfAborted()
  }
  for (let step = events.next(); ; step = events.next()) {
    if (step.done === true) {
      await flush()
      return step.value
    }
    waiting.push(step.value)
    if (step.value.type === "response.in_progress") {
      await flush()
      if (delayMs !== undefined) await pause.for(delayMs)
      allowed?.start()
    }
    if ("delta" in step.value) deltas += 1
    for (let hold = dueHold(); hold !== undefined; hold = dueHold()) {
      await flush()
      await orAborted(hold.until, signal)
    }
    if (allowed !== null && deltas >= allowed.now()) {
      await flush()
      while (deltas >= allowed.now()) await pause.for(allowed.waitMs)
    } else if (allowed === null && waiting.length >= bunch) {
      await flush()
      await setImmediate()
    }
  }
}

/** How many deltas a rate allows by now. */
const makePace = (perSecond: number): { start: () => void; now: () => number; waitMs: number } => {
  let startedAt = performance.now()
  return {
    start: () => {
      startedAt = performance.now()
    },
    now: () => 1 + ((performance.now() - startedAt) * perSecond) / 1000,
    waitMs: Math.max(tickMs, Math.floor(1000 / perSecond)),
  }
}

/** Waits of one stream that end with its signal; they share one listener, since a fast stream waits hundreds of times a second. */
const makePause = (signal: AbortSignal): Disposable & { for: (ms: number) => Promise<void> } => {
  let timer: NodeJS.Timeout | undefined
  let wake = () => {}
  const onAbort = () => {
    clearTimeout(timer)
    wake()
  }
  signal.addEventListener("abort", onAbort)
  return {
    for: async ms => {
      signal.throwIfAborted()
      await new Promise<void>(resolve => {
        wake = resolve
        timer = setTimeout(resolve, ms)
      })
      signal.throwIfAborted()
    },
    [Symbol.dispose]: () => signal.removeEventListener("abort", onAbort),
  }
}
