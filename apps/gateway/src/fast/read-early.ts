import { TaskId } from "@twolane/protocol"
import type { FastifyReply, FastifyRequest } from "fastify"
import type { Gateway } from "../gateway.ts"
import { callerOf } from "../http/auth.ts"
import { orderDoors } from "./doors.ts"
import type { KnockAhead } from "./knock.ts"
import { type ForNext, readForNext } from "./known-tasks.ts"

/** What a further turn is decided on, and the head of its knock where one is on its way. */
type Early = ForNext & { ahead: KnockAhead | null }

const begun = new WeakMap<FastifyRequest, Early>()

/**
 * Begins to read what a further turn is decided on as soon as it is known who asks: its body is parsed and checked meanwhile. Where the task
 * is known, its worker is woken up already.
 */
export const readEarly =
  (gateway: Gateway) =>
  (request: FastifyRequest, reply: FastifyReply, _body: unknown, done: () => void): void => {
    const id = TaskId.safeParse((request.params as { id?: unknown }).id)
    if (id.success) begun.set(request, begin(gateway, request, reply, id.data))
    done()
  }

/** What is known or being read for a request; where it must be `exact`, what was known is read after all. */
export const earlyOf = (gateway: Gateway, request: FastifyRequest, exact: boolean): Early => {
  const early = begun.get(request)
  if (early === undefined) throw new Error("the route does not read early")
  return exact && early.old ? { ...readForNext(gateway.store, early.ref), ahead: early.ahead } : early
}

const begin = (gateway: Gateway, request: FastifyRequest, reply: FastifyReply, id: string): Early => {
  const ref = { team: callerOf(request).team, task: id }
  const known = gateway.known.take(ref)
  if (known === null) return { ...readForNext(gateway.store, ref), ahead: null }
  const early: Early = { ...known, ahead: null }
  const wake = ({ doors, paused }: Awaited<ForNext["doors"]>) => {
    const [best] = orderDoors(doors, id, gateway.host)
    if (paused !== null || best === undefined) return
    const ahead = gateway.knocker.ahead(best)
    early.ahead = ahead
    reply.raw.once("close", () => ahead?.[Symbol.dispose]())
  }
  known.doors.then(wake, () => undefined) // told to whoever goes by it
  return early
}
