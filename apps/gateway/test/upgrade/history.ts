import { isDeepStrictEqual } from "node:util"
import { derivedId, noUsage, type Task, type TaskEvent } from "@twolane/protocol"
import { openStore } from "@twolane/store"
import { Redis } from "ioredis"
import { ask } from "./customer.ts"

/** Tasks that ended longer ago than the archive leaves them in Redis. */
export type History = {
  ids: readonly string[]
  /** Waits until none of them is in Redis any more. */
  untilArchived: () => Promise<void>
  /** What a gateway says of them that is not so. A version that knows no archive may refuse, in words; it may not be wrong. */
  wrongAt: (url: string, version: "older" | "newer") => Promise<string[]>
  /** How a gateway answers for one of them, in short. */
  saidAt: (url: string) => Promise<string>
}

/** Who opens the store, and with what. */
type Way = { redisUrl: string; secretKey: string; apiKey: string }

const archivedWithinMs = 120_000
const agoMs = 40 * 86_400_000

/** Writes tasks into Redis as they would be there, 40 days after their ends. */
export const writeHistory = async (
  { redisUrl, secretKey, apiKey }: Way,
  count: number,
  base: string,
): Promise<History> => {
  const ids = Array.from({ length: count }, (_, index) =>
    derivedId("task", Date.now() - agoMs + index, Buffer.alloc(16, index + 1)),
  )
  const told = new Map<string, TaskEvent[]>()
  await using store = await openStore({ url: redisUrl, secretKey, onError: error => console.error(error) })
  for (const [index, task] of ids.entries()) {
    const at = Date.now() - agoMs + index
    const made = await store.create({ team: "default", task, events: eventsOf(task, index, at, base) })
    if (!made.ok) throw new Error(`${task} was there already`)
    told.set(task, made.events)
  }
  return {
    ids,
    untilArchived: () => untilGone(redisUrl, ids),
    wrongAt: async (url, version) => {
      const found = await Promise.all(ids.map(id => wrongOf(id, { url, apiKey, version, told })))
      const listed = await ask({ url, apiKey }, "GET", "/v1/tasks?label=history&limit=100")
      const items =
        listed.status === 200 ? (listed.body as { items: Task[] }).items.map(({ id }) => id) : null
      const missing = ids.filter(id => items?.includes(id) === false)
      if (listed.status >= 400 && !isRefusal(listed.body))
        found.push([`the list is answered ${listed.status}`])
      if (version === "newer" && missing.length > 0) found.push([`the list lacks ${missing.join()}`])
      return found.flat().map(line => `${version}: ${line}`)
    },
    saidAt: async url => {
      const { status, body } = await ask({ url, apiKey }, "GET", `/v1/tasks/${ids[0]}`)
      return `${status}${saidOf(body)}`
    },
  }
}

const saidOf = (body: unknown): string =>
  typeof body === "object" && body !== null && "code" in body ? ` ${String(body.code)}` : ""

const eventsOf = (task: string, index: number, at: number, base: string) => {
  const by = { key: "key_alice", name: "Alice" }
  const turn = derivedId("turn", at, Buffer.alloc(16, index + 1))
  const prompt = `[add] long ago, ${task}`
  const created = { team: "default", repo: "sums", title: prompt, prompt, by, origin: "api" as const }
  return [
    {
      type: "task.created" as const,
      turn: null,
      at,
      ...created,
      labels: ["history"],
      priority: "normal" as const,
      base: null,
      baseAtSubmit: base,
    },
    {
      type: "turn.queued" as const,
      turn,
      at,
      lane: "deep" as const,
      position: null,
      reason: "next",
      prompt,
      by,
      options: {},
    },
    { type: "message.done" as const, turn, at, text: `It was done, ${index}.` },
    {
      type: "turn.ended" as const,
      turn,
      at,
      outcome: { status: "succeeded" as const },
      usage: noUsage,
    },
  ]
}

const untilGone = async (redisUrl: string, ids: readonly string[]): Promise<void> => {
  const client = new Redis(redisUrl)
  try {
    const keys = ids.map(id => `tl:{default/${id}}:state`)
    for (const until = performance.now() + archivedWithinMs; (await client.exists(...keys)) > 0; ) {
      if (performance.now() > until) throw new Error("the archive did not take what ended long ago")
      await new Promise(resolve => setTimeout(resolve, 100))
    }
  } finally {
    client.disconnect()
  }
}

type Asked = { url: string; apiKey: string; version: "older" | "newer"; told: Map<string, TaskEvent[]> }

const wrongOf = async (id: string, { url, apiKey, version, told }: Asked): Promise<string[]> => {
  const at = { url, apiKey }
  const [task, events] = await Promise.all([
    ask(at, "GET", `/v1/tasks/${id}`),
    ask(at, "GET", `/v1/tasks/${id}/events`),
  ])
  const wrong: string[] = []
  for (const { status, body } of [task, events]) {
    if (status === 200) continue
    if (version === "newer") wrong.push(`${id} is answered ${status}: ${JSON.stringify(body)}`)
    else if (!isRefusal(body)) wrong.push(`${id} is answered ${status} without a reason`)
  }
  if (task.status === 200 && (task.body as Task).status !== "succeeded")
    wrong.push(`${id} is ${(task.body as Task).status}`)
  if (events.status === 200) {
    const { items } = events.body as { items: TaskEvent[] }
    if (!isDeepStrictEqual(items, told.get(id))) wrong.push(`the log of ${id} is another one`)
  }
  return wrong
}

/** A problem document that is no breakdown. */
const isRefusal = (body: unknown): boolean =>
  typeof body === "object" && body !== null && "code" in body && body.code !== "internal"
