import { setTimeout as sleep } from "node:timers/promises"
import type { Task, TaskEvent } from "@twolane/protocol"
import { createFrames, eventsIn } from "@twolane/testkit"
import type { Random } from "../simulation/random.ts"
import type { Fleet } from "./fleet.ts"

/** What the service said in the end: neither "not now" nor a broken connection. */
export type Said = { status: number; body: unknown; location: string | null }

/** A client that repeats what was not answered, at whichever gateway, with the same key: what the contract asks of clients. */
export type Caller = {
  /** Asks until there is an answer that is final. @throws when `signal` ends first. */
  ask: (method: string, path: string, body?: unknown) => Promise<Said>
  /** A fast turn's request: what its stream brings is not read, since the task's log is. */
  askFast: (path: string, body: unknown) => Promise<Said>
  /** The events of a task after one of them as they come, over all reconnects, until no turn is open. */
  follow: (task: string, after: string, onEvent: (event: TaskEvent) => void) => Promise<void>
  task: (id: string) => Promise<Task>
}

const againMs = 150
/** An answer takes no longer, or it is asked for again; an accept may wait for a worker. */
const answerWithinMs = 30_000

/** Makes a client; `random` chooses its gateways. */
export const makeCaller = (
  fleet: Pick<Fleet, "gateways" | "apiKey">,
  random: Random,
  signal: AbortSignal,
): Caller => {
  const send = async (
    method: string,
    path: string,
    more: { body?: unknown; headers?: Record<string, string> },
  ) => {
    const stop = AbortSignal.any([signal, AbortSignal.timeout(answerWithinMs)])
    const { body, headers } = more
    const answer = await fetch(random.one(fleet.gateways) + path, {
      method,
      signal: stop,
      headers: {
        authorization: `Bearer ${fleet.apiKey}`,
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    return answer
  }
  const insist = async (what: string, attempt: () => Promise<Said>): Promise<Said> => {
    for (let last = "nothing"; ; ) {
      if (signal.aborted) throw new Error(`${what} had no final answer; the last one was ${last}`)
      const said = await attempt().catch(() => null) // a connection that was refused, cut, or took too long
      if (said !== null && !isForLater(said)) return said
      last = said === null ? last : JSON.stringify(said.body)
      await sleep(againMs + random.whole(0, againMs))
    }
  }
  const keyed = (): Record<string, string> => ({
    "idempotency-key": `chaos-${random.whole(0, 2 ** 31)}-${random.whole(0, 2 ** 31)}`,
  })
  const ask: Caller["ask"] = (method, path, body) => {
    const headers = method === "GET" ? {} : keyed()
    return insist(`${method} ${path}`, async () => {
      const answer = await send(method, path, { body, headers })
      return { ...headOf(answer), body: await answer.json() }
    })
  }
  return {
    ask,
    askFast: (path, body) => {
      const headers = { ...keyed(), accept: "text/event-stream" }
      return insist(`POST ${path}`, async () => {
        const answer = await send("POST", path, { body, headers })
        if (answer.status !== 200) return { ...headOf(answer), body: await answer.json() }
        // Until its first event a stream may still end with a problem: then nothing was done.
        const begun = await hasBegun(answer)
        return { ...headOf(answer), status: begun ? 200 : 503, body: null }
      })
    },
    follow: followAll,
    task: async id => (await ask("GET", `/v1/tasks/${id}`)).body as Task,
  }

  async function followAll(task: string, after: string, onEvent: (event: TaskEvent) => void): Promise<void> {
    let last = after
    while (!signal.aborted) {
      try {
        const answer = await fetch(
          `${random.one(fleet.gateways)}/v1/tasks/${task}/events${last && `?after=${last}`}`,
          {
            headers: { authorization: `Bearer ${fleet.apiKey}`, accept: "text/event-stream" },
            signal,
          },
        )
        const read = createFrames()
        for await (const chunk of answer.ok ? (answer.body?.pipeThrough(new TextDecoderStream()) ?? []) : [])
          for (const event of eventsIn(read(chunk))) {
            last = event.id
            onEvent(event)
          }
        const { body } = await ask("GET", `/v1/tasks/${task}`)
        const { endedAt, lastEventId } = body as Task
        if (endedAt !== undefined && lastEventId === last) return
      } catch {
        // The stream was cut: it is resumed after the last event.
      }
      await sleep(againMs).catch(() => undefined)
    }
  }
}

/** Whether a stream brings an event of the log. The rest of it is not looked at, but kept open. */
const hasBegun = async (answer: Response): Promise<boolean> => {
  const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader()
  if (reader === undefined) return false
  const read = createFrames()
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return false
    if (eventsIn(read(value)).length === 0) continue
    const drain = async () => {
      while (!(await reader.read()).done);
    }
    void drain().catch(() => undefined)
    return true
  }
}

const headOf = (answer: Response) => ({ status: answer.status, location: answer.headers.get("location") })

const isForLater = ({ status, body }: Said): boolean =>
  status >= 500 || status === 429 || (status === 409 && codeOf(body) === "idempotency-running")

/** The code of a problem document. */
export const codeOf = (body: unknown): string =>
  typeof body === "object" && body !== null && "code" in body ? String(body.code) : ""
