import type { Journal } from "@twolane/agent"
import type { Heard } from "@twolane/protocol"

/** Keeps what the calls of a turn say while they run, so that one that is cut off ends with it. */
export type Hearing = {
  /** The journal as it was, with somebody listening. */
  journal<Given extends Journal>(given: Given): Given
  /** The end of what each of the last calls said. */
  heard(): ReadonlyMap<string, Heard>
}

const maxChars = 8_000
/** More than one step ever has at work at once. */
const maxCalls = 32

/** Starts listening. */
export const listenToCalls = (): Hearing => {
  const calls = new Map<string, Heard>()
  const hear = (call: string, text: string): void => {
    const before = calls.get(call)
    const whole = (before?.text ?? "") + text
    calls.set(call, {
      text: whole.slice(-maxChars),
      truncated: before?.truncated === true || whole.length > maxChars,
    })
    const [oldest] = calls.keys()
    if (calls.size > maxCalls && oldest !== undefined) calls.delete(oldest)
  }
  return {
    journal: given => ({
      ...given,
      write: (events, more) => {
        // Until now it was the model that wrote the call's arguments.
        for (const event of events) if (event.type === "tool.started") calls.delete(event.call)
        return given.write(events, more)
      },
      delta: delta => {
        if (delta.type === "tool.delta") hear(delta.call, delta.text)
        given.delta(delta)
      },
    }),
    heard: () => calls,
  }
}
