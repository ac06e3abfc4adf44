import { randomUUID } from "node:crypto"
import { setTimeout as sleep } from "node:timers/promises"
import type { Task } from "@twolane/protocol"

/** Somebody who uses whatever gateway there is, and sends a request again, with its key, when one goes away. */
export type Customer = {
  knows(url: string): void
  forgets(url: string): void
  call(method: string, path: string, body?: unknown): Promise<unknown>
  /** Submits a task, a fast one through its stream to the end; answers its id. */
  submit(lane: "fast" | "deep"): Promise<string>
  ended(task: string): Promise<void>
  /** How many requests had to be sent again. */
  asksAgain(): number
}

/** Asks one gateway once; the body is parsed when it is JSON. */
export const ask = async (
  { url, apiKey }: { url: string; apiKey: string },
  method: string,
  path: string,
  body?: unknown,
): Promise<{ status: number; body: unknown }> => {
  const answer = await fetch(url + path, {
    method,
    headers: {
      authorization: `Bearer ${apiKey}`,
      ...(body === undefined ? {} : { "content-type": "application/json" }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  const isJson = answer.headers.get("content-type")?.includes("json") === true
  return { status: answer.status, body: isJson ? await answer.json() : await answer.text() }
}

const finals = ["succeeded", "failed", "canceled", "limited", "handed_off"]
const giveUpMs = 120_000

/** Makes a customer with a key. */
export const makeCustomer = (apiKey: string): Customer => {
  const urls: string[] = []
  let turn = 0
  let again = 0
  const insist = async (method: string, path: string, body: unknown, accept: string) => {
    const key = randomUUID()
    for (const until = performance.now() + giveUpMs; ; again += 1) {
      const answer = await fetch(`${urls[turn++ % urls.length]}${path}`, {
        method,
        headers: {
          accept,
          authorization: `Bearer ${apiKey}`,
          ...(body === undefined ? {} : { "content-type": "application/json", "idempotency-key": key }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      })
        .then(async found => ({ status: found.status, text: await found.text() }))
        .catch((error: unknown) => ({ status: 0, text: String(error) }))
      const passing = answer.status === 0 || answer.status === 503 || answer.status === 429
      if (!passing && answer.status < 400) return answer.text
      if (!passing || performance.now() > until) throw new Error(`${path}: ${answer.status} ${answer.text}`)
      await sleep(100)
    }
  }
  const call = async (method: string, path: string, body?: unknown): Promise<unknown> =>
    JSON.parse(await insist(method, path, body, "application/json"))
  return {
    knows: url => void urls.push(url),
    forgets: url => void urls.splice(urls.indexOf(url), 1),
    call,
    submit: async lane => {
      const request = { lane, repo: "sums", prompt: "[add] a file", scope: ["src"] }
      if (lane === "deep") return ((await call("POST", "/v1/tasks", request)) as Task).id
      const stream = await insist("POST", "/v1/tasks", request, "text/event-stream")
      const id = /"task":"([^"]+)"/.exec(stream)?.[1]
      if (id === undefined) throw new Error(`no task in ${stream}`)
      return id
    },
    ended: async task => {
      for (const until = performance.now() + giveUpMs; ; await sleep(100)) {
        const { status } = (await call("GET", `/v1/tasks/${task}`)) as Task
        if (finals.includes(status)) return
        if (performance.now() > until) throw new Error(`${task} is still ${status}`)
      }
    },
    asksAgain: () => again,
  }
}
