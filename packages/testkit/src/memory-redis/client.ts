import { EventEmitter } from "node:events"
import type { Redis } from "ioredis"
import type { Answer } from "./values.ts"

/** Carries one command to a Redis and its answer back: where faults are made. Commands of one link run in the order they were given. */
export type Carry = (words: readonly string[]) => Promise<Answer>

/** A client with ioredis' face. `emitter` is where its owner tells it of messages and of connections that came back. */
export type MemoryClient = { client: Redis; emitter: EventEmitter; channels: ReadonlySet<string> }

type Words = readonly (string | number | Buffer)[]

/** Makes a client over a link; its methods are Redis' commands in lower case, as ioredis has them. */
export const makeMemoryClient = (carry: Carry): MemoryClient => {
  const emitter = new EventEmitter()
  emitter.setMaxListeners(0)
  const channels = new Set<string>()
  const send = async (name: string, words: Words): Promise<unknown> =>
    shaped(name, await carry([name, ...words.map(String)]))
  const own: Record<string, unknown> = {
    status: "ready",
    on: (event: string, listener: (...parts: unknown[]) => void) => emitter.on(event, listener),
    disconnect: () => {},
    subscribe: async (channel: string) => {
      await carry(["PING"])
      channels.add(channel)
      return channels.size
    },
    unsubscribe: async (channel: string) => {
      channels.delete(channel)
      return channels.size
    },
    multi: () => transaction(send),
  }
  const client = new Proxy(own, {
    get: (target, name) => {
      if (typeof name !== "string" || name in target) return Reflect.get(target, name)
      return name === "then" ? undefined : (...words: Words) => send(name, words)
    },
  })
  return { client: client as unknown as Redis, emitter, channels }
}

/** ioredis gives hashes as objects and OK as a string. */
const shaped = (name: string, answer: Answer): unknown => {
  if (name.toLowerCase() === "hgetall" && Array.isArray(answer))
    return Object.fromEntries(
      Array.from({ length: answer.length / 2 }, (_, index) => [answer[2 * index], answer[2 * index + 1]]),
    )
  return isStatus(answer) ? answer.status : answer
}

const isStatus = (answer: Answer): answer is { status: string } =>
  typeof answer === "object" && answer !== null && !Array.isArray(answer)

/** MULTI: its commands go out in one tick, so that a link that keeps order runs them one behind the other. */
const transaction = (send: (name: string, words: Words) => Promise<unknown>) => {
  const queued: [string, Words][] = []
  const chain: object = new Proxy(
    {},
    {
      get: (_, name) => {
        if (typeof name !== "string" || name === "then") return undefined
        if (name === "exec")
          return async () =>
            (await Promise.all(queued.map(([command, words]) => send(command, words)))).map(answer => [
              null,
              answer,
            ])
        return (...words: Words) => {
          queued.push([name, words])
          return chain
        }
      },
    },
  )
  return chain
}
