import { broken, type CallResult } from "./failure.ts"
import { oneAnswer } from "./one-answer.ts"
import { parseEvent, type Reply, type WireEvent } from "./reply.ts"
import type { Socket } from "./socket.ts"
import type { Steering } from "./steering.ts"
import type { ModelTiming } from "./timing.ts"

/** What a line says once an answer is over: the beginning of the one that follows it by itself, or that it was closed. */
export type Rest = { events: WireEvent[]; closed: boolean }

/** How an answer begins: by a request, or by what came of the one before, which it follows. */
export type Beginning = { request: string } | { after: Rest }

/** The parts of reading one answer on a socket. */
export type LineAnswer = { line: Socket; reply: Reply; steering: Steering; timing: ModelTiming }

/**
 * Sends one request, if there is one, and reads to the event that ends its answer. What comes after it is kept in `rest` as long as the
 * service holds notes: nobody else reads the line then. A hard interrupt is the end of the socket.
 */
export const readAnswer = (
  { line, reply, steering, timing }: LineAnswer,
  beginning: Beginning,
  rest: Rest,
  signal: AbortSignal,
): Promise<CallResult> =>
  oneAnswer(
    "request" in beginning ? timing.firstByteMs : timing.followMs,
    hands => {
      let begun = false
      let over = false
      const settle = (result: CallResult) => {
        line.listen(steering.held().length === 0 ? null : keepRest(steering, rest))
        hands.settle(result)
      }
      const take = (event: WireEvent) => {
        // What came back before the answer it belongs to had begun will not be answered here.
        if (!begun && "after" in beginning && event.type === "response.steer.failed")
          return settle(uncommitted)
        if (steering.take(event)) return
        if (over) return void rest.events.push(event)
        if (begun) hands.heard()
        else hands.bear(timing.idleMs)
        begun = true
        const result = reply.accept(event)
        const id = reply.id()
        if (event.type === "response.created" && id !== null) steering.begin(id)
        if (result === null) return
        over = true
        steering.end(() => settle(result))
      }
      line.listen({
        onText: frame => {
          const event = parseEvent(frame)
          if (event !== null) take(event)
        },
        onClosed: why => settle(broken(why)),
      })
      if (!line.isOpen()) settle({ ...broken("the socket was closed meanwhile"), retryAfterMs: 0 })
      else if ("request" in beginning) line.send(beginning.request)
      else for (const event of beginning.after.events) take(event)
      return () => line.terminate()
    },
    signal,
  )

const uncommitted: CallResult = {
  ...broken("the provider did not go on with a steering note"),
  retryAfterMs: 0,
}

const keepRest = (steering: Steering, rest: Rest): Parameters<Socket["listen"]>[0] => ({
  onText: frame => {
    const event = parseEvent(frame)
    if (event !== null && !steering.take(event)) rest.events.push(event)
  },
  onClosed: () => {
    rest.closed = true
  },
})
