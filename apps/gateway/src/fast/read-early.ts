import { TaskId, type TaskState } from "@twolane/protocol"
import type { Doors } from "@twolane/store"
import type { FastifyRequest } from "fastify"
import { type Gateway, noSuchTask } from "../gateway.ts"
import { callerOf } from "../http/auth.ts"

/** A task, and the doors for its next turn, as they are being read. */
export type Early = { task: Promise<TaskState>; doors: Promise<Doors> }

const begun = new WeakMap<FastifyRequest, Early>()

/** Begins to read what a further turn is decided on as soon as it is known who asks: its body is parsed and checked meanwhile. */
export const readEarly =
  (gateway: Gateway) =>
  (request: FastifyRequest, _reply: unknown, _body: unknown, done: () => void): void => {
    const id = TaskId.safeParse((request.params as { id?: unknown }).id)
    if (id.success) begun.set(request, begin(gateway, request, id.data))
    done()
  }

/** What is being read for a request. */
export const earlyOf = (request: FastifyRequest): Early => {
  const early = begun.get(request)
  if (early === undefined) throw new Error("the route does not read early")
  return early
}

const begin = ({ store }: Gateway, request: FastifyRequest, id: string): Early => {
  const { task, doors } = store.readForTurn("fast", { team: callerOf(request).team, task: id })
  const found = task.then(state => {
    if (state === null) throw noSuchTask()
    return state
  })
  found.catch(() => undefined) // a request that is refused for its body never asks
  return { task: found, doors }
}
