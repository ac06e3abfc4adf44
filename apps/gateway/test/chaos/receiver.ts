import type { ServerResponse } from "node:http"
import { isDeepStrictEqual } from "node:util"
import type { Delivery, TaskEvent } from "@twolane/protocol"
import { type Received, startReceiver } from "@twolane/testkit"
import { Webhook } from "standardwebhooks"
import type { Caller } from "./caller.ts"

/** Somebody who hears of the team's events, and does not always answer well: `mood` says how. */
export type ChaosReceiver = AsyncDisposable & {
  host: string
  mood: { answers: "well" | "an error" | "nothing" }
  /** Makes the webhook. */
  subscribe: (caller: Caller) => Promise<void>
  /** Waits until nothing is left to send, at most so long. */
  settle: (caller: Caller, mostMs: number) => Promise<void>
  /** What was not as promised, when these are all events that there are. */
  check: (events: readonly TaskEvent[]) => string[]
  heard: () => number
}

/** What the webhook asks for. */
const types: readonly TaskEvent["type"][] = ["task.created", "turn.ended", "branch.pushed", "task.reviewed"]

/** Starts the receiver. */
export const startChaosReceiver = async (): Promise<ChaosReceiver> => {
  const mood: ChaosReceiver["mood"] = { answers: "well" }
  let hook = { id: "", secret: "" }
  const heard: Heard[] = []
  const receiver = await startReceiver((response, received) => {
    const message = open(received, hook.secret)
    if (message === null) return void response.writeHead(400).end()
    heard.push(message)
    answer(response, mood.answers)
  })
  const waiting = async (caller: Caller): Promise<number> => {
    const { body } = await caller.ask("GET", `/v1/webhooks/${hook.id}/deliveries?limit=200`)
    return (body as { items: Delivery[] }).items.filter(({ status }) => status === "waiting").length
  }
  return {
    host: receiver.host,
    mood,
    subscribe: async caller => {
      const { body } = await caller.ask("POST", "/v1/webhooks", { url: receiver.url, events: types })
      hook = body as typeof hook
    },
    settle: async (caller, mostMs) => {
      for (const until = performance.now() + mostMs; performance.now() < until; )
        if ((await waiting(caller)) === 0) return
        else await new Promise(resolve => setTimeout(resolve, 500))
    },
    check: events => checkHeard(heard, events),
    heard: () => heard.length,
    [Symbol.asyncDispose]: () => receiver[Symbol.asyncDispose](),
  }
}

const answer = (response: ServerResponse, how: ChaosReceiver["mood"]["answers"]): void => {
  if (how === "well") response.writeHead(204).end()
  else if (how === "an error") response.writeHead(500).end()
  // What was received is taken in, and its answer is lost.
  else response.destroy()
}

/** A message with its id. */
type Heard = { id: string; event: TaskEvent }

/** Null for one that is not signed as it should be, or is from another time: its sender's clock was bent. */
const open = ({ body, headers }: Received, secret: string): Heard | null => {
  try {
    const message = new Webhook(secret).verify(body, headers as Record<string, string>)
    return {
      id: String(headers["webhook-id"]),
      event: (message as { data: { event: TaskEvent } }).data.event,
    }
  } catch {
    return null // it is refused, and comes again
  }
}

/** Each event came as it stands in its log; one that came again has the same id. */
const checkHeard = (heard: readonly Heard[], events: readonly TaskEvent[]): string[] => {
  const wrong: string[] = []
  const ids = new Map<string, Set<string>>()
  const known = new Map(
    events.filter(({ type }) => types.includes(type)).map(event => [nameOf(event), event]),
  )
  for (const { id, event } of heard) {
    const name = nameOf(event)
    ids.set(name, (ids.get(name) ?? new Set()).add(id))
    if (!isDeepStrictEqual(known.get(name), event))
      wrong.push(`a webhook told of ${name}, which is not in its log`)
  }
  for (const [name, { type }] of known) {
    const count = ids.get(name)?.size ?? 0
    if (count !== 1) wrong.push(`the webhook heard of ${name} (${type}) under ${count} ids`)
  }
  return wrong
}

const nameOf = ({ task, id }: TaskEvent): string => `${task} ${id}`
