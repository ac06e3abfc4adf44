import { once } from "node:events"
import { get, type IncomingMessage } from "node:http"
import type { TaskDelta, TaskEvent } from "@twolane/protocol"
import type { House } from "@twolane/testkit"

/** A task's event stream as a client has it. */
export type Watched = Disposable & {
  /** The next event (or delta) that the test holds for, those that came already included. */
  until(test: (event: TaskEvent | TaskDelta) => boolean): Promise<TaskEvent | TaskDelta>
}

/** Opens the stream of a task from its start. */
export const watchTask = async (house: House, task: string, signal: AbortSignal): Promise<Watched> => {
  const headers = { authorization: `Bearer ${house.apiKey}`, accept: "text/event-stream" }
  const request = get(`${house.url}/v1/tasks/${task}/events`, { headers, signal })
  const [answer] = (await once(request, "response")) as [IncomingMessage]
  if (answer.statusCode !== 200) throw new Error(`the event stream answered ${answer.statusCode}`)
  const seen: (TaskEvent | TaskDelta)[] = []
  let failure: unknown = null
  let wake = () => {}
  let rest = ""
  answer.setEncoding("utf8")
  answer.on("data", (text: string) => {
    const blocks = (rest + text).split("\n\n")
    rest = blocks.pop() ?? ""
    for (const block of blocks) {
      const data = /^data: ?(.*)$/m.exec(block)?.[1]
      if (data !== undefined) seen.push(JSON.parse(data))
    }
    wake()
  })
  const fail = (error: unknown) => {
    failure ??= error
    wake()
  }
  answer.on("error", fail).on("close", () => fail(new Error("the event stream ended")))
  return {
    until: async test => {
      for (;;) {
        while (seen.length > 0) {
          const event = seen.shift()
          if (event !== undefined && test(event)) return event
        }
        if (failure !== null) throw failure
        await new Promise<void>(resolve => {
          wake = resolve
        })
      }
    },
    [Symbol.dispose]: () => void request.destroy(),
  }
}
