import type { ServerResponse } from "node:http"
import { encodeFrame, eventStreamHeaders } from "@twolane/common"
import { Fault, faultFrom, problemOf } from "@twolane/protocol"
import type { FastifyReply, FastifyRequest } from "fastify"
import { audited } from "../audit/audited.ts"
import type { Gateway } from "../gateway.ts"
import { accepts } from "../http/accept.ts"
import { writtenTask } from "../present.ts"
import { watchCaller } from "./caller.ts"
import { drainStream, pipeStream } from "./pipe.ts"
import { replayTurn, untilTurnEnds } from "./replay.ts"
import { beginFast, type FastWish, wasBegun } from "./run-turn.ts"
import { currentTaker } from "./taker.ts"

/** A request and what it is answered with. */
export type Http = { request: FastifyRequest; reply: FastifyReply }

/**
 * Answers a request with a fast turn: its event stream, or, for a caller that did not ask for one, the task when the turn has ended.
 * @throws Fault as `beginFast`, before anything was answered
 */
export const answerFast = async (
  gateway: Gateway,
  { request, reply }: Http,
  wish: FastWish,
): Promise<undefined> => {
  using caller = watchCaller(reply, gateway.ending)
  const goOn = wish.onDisconnect === "continue"
  const made = request.routeOptions.url === "/v1/tasks" ? wish.ref.task : wish.ref.turn
  const begin = () => beginFast(gateway, wish, goOn ? gateway.ending : caller.signal)
  const begun = await audited(gateway, request, made, begin)
  if (begun === null) return answerAgain(gateway, { request, reply }, wish)
  reply.header("location", `/v1/tasks/${wish.ref.task}`)
  const take = currentTaker()
  if (take === undefined && accepts(request, "text/event-stream")) {
    const { raw } = openRaw(reply)
    const end = await pipeStream(begun.stream, raw, goOn)
    if (end === "whole") void gateway.known.keep(wish.ref)
    else if (!raw.destroyed) raw.write(encodeFrame(brokenOff(request.id)))
    raw.end()
    return undefined
  }
  const problem =
    take === undefined
      ? await drainStream(begun.stream, reply.raw, goOn)
      : await take({ ref: wish.ref, begun, goOn })
  // The claim was refused after live text had gone out; after any other problem the turn goes on.
  if (problem !== null && !(await wasBegun(gateway, wish.ref))) throw faultFrom(problem)
  return answerTask(gateway, reply, wish, caller.signal)
}

/** The answer to a request that was made before: the same turn's events from their start, or its task once it has ended. */
export const answerAgain = async (
  gateway: Gateway,
  { request, reply }: Http,
  { ref }: Pick<FastWish, "ref">,
): Promise<undefined> => {
  reply.header("location", `/v1/tasks/${ref.task}`)
  const take = currentTaker()
  if (take !== undefined) await take({ ref, begun: null, goOn: true })
  else if (accepts(request, "text/event-stream")) {
    await replayTurn(gateway, reply, ref)
    return undefined
  }
  using caller = watchCaller(reply, gateway.stopping)
  return answerTask(gateway, reply, { ref }, caller.signal)
}

const answerTask = async (
  gateway: Gateway,
  reply: FastifyReply,
  { ref }: Pick<FastWish, "ref">,
  signal: AbortSignal,
): Promise<undefined> => {
  await untilTurnEnds(gateway, ref, signal)
  if (signal.aborted && gateway.stopping.aborted)
    throw new Fault("shutting-down", "The turn goes on; ask for its task.")
  return reply.code(200).send(writtenTask(await gateway.known.keep(ref))) as unknown as undefined
}

const openRaw = (reply: FastifyReply): { raw: ServerResponse } => {
  reply.hijack()
  const { raw } = reply
  const headers = Object.entries(reply.getHeaders()).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value] as const],
  )
  raw.writeHead(200, { ...Object.fromEntries(headers), ...eventStreamHeaders })
  raw.flushHeaders()
  return { raw }
}

const brokenOff = (requestId: string) => {
  const fault = new Fault(
    "no-worker",
    "The turn's worker went away; it goes on at another one. Come back with Last-Event-ID.",
  )
  return { event: "problem", data: problemOf(fault, requestId) }
}
