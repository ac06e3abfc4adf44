import { derive } from "@twolane/common"
import { beforeFirst, Fault, type LiveEnvelope, problemOf, type Task, TaskId } from "@twolane/protocol"
import type { FastifyRequest } from "fastify"
import type { WebSocket } from "ws"
import { beforeTurn } from "../fast/replay.ts"
import { takingTurns } from "../fast/taker.ts"
import type { Gateway } from "../gateway.ts"
import type { App } from "../http/app.ts"
import { callerOf } from "../http/auth.ts"
import { faultOf } from "../http/problem.ts"
import { presentTask } from "../present.ts"
import { callRoute, type LiveCall } from "./call-route.ts"
import { type Feeds, openFeeds } from "./feeds.ts"
import { readRequest } from "./read-request.ts"
import { openWire, type Wire } from "./wire.ts"

/** The most requests of one socket that may be open at once; a fast turn is open until it has ended. */
const maxOpen = 100

/** One live socket. */
export type LiveSocket = {
  /** Says that it lives, and asks whether its peer does; a peer that did not answer the last two times is dead. */
  beat(): void
  /** Takes no more requests, and closes once those that are open were answered. */
  drain(): void
  readonly wire: Wire
}

type Parts = { gateway: Gateway; app: App; socket: WebSocket; opened: FastifyRequest }

/** Serves a live socket: requests come up, answers and events go down. */
export const serveLive = ({ gateway, app, socket, opened }: Parts): LiveSocket => {
  const wire = openWire(socket, gateway.streams.timing.stallMs, gateway.ending)
  const feeds = openFeeds(gateway, wire, opened.id)
  const open = new Set<string>()
  let unanswered = 0
  let draining = false

  const tell = (id: string | null, fault: Fault, extra: { retryAfterSeconds?: number } = {}) =>
    wire.send(JSON.stringify({ id, problem: problemOf(fault, opened.id), ...extra }))
  const act = async (id: string, request: LiveEnvelope) => {
    if (draining) return tell(id, new Fault("shutting-down", "Come back; another gateway answers."))
    if (open.has(id)) return tell(null, new Fault("bad-request", `A request with the id ${id} is open.`))
    if (open.size >= maxOpen)
      return tell(id, new Fault("rate-limited", `${maxOpen} requests of this socket are open.`))
    open.add(id)
    try {
      await answer({ gateway, app, opened, wire, feeds }, request)
    } finally {
      open.delete(id)
      leaveIfDone()
    }
  }
  const hear = async (bytes: Buffer, isBinary: boolean) => {
    const read = readRequest(bytes, isBinary)
    try {
      if ("fault" in read) await tell(read.id, read.fault)
      else await act(read.id, read.request)
    } catch (error) {
      const fault = faultOf(error)
      if (fault.code === "internal" && !wire.signal.aborted)
        gateway.log.error({ requestId: opened.id, error: fault.cause ?? fault }, "live request failed")
      await tell(read.id, fault)
    }
  }
  const leaveIfDone = () => {
    if (draining && open.size === 0) wire.close(1001, "the gateway stops; come back", { by: "shutdown" })
  }
  socket.on("message", (data, isBinary) => void hear(data as Buffer, isBinary))
  socket.on("pong", () => {
    unanswered = 0
  })
  return {
    wire,
    beat: () => {
      if (unanswered >= 2) return socket.terminate()
      unanswered += 1
      socket.ping()
      if (!wire.behind()) void wire.send(JSON.stringify({ beat: gateway.store.now() }))
    },
    drain: () => {
      draining = true
      leaveIfDone()
    },
  }
}

type Answering = { gateway: Gateway; app: App; opened: FastifyRequest; wire: Wire; feeds: Feeds }

const answer = async (parts: Answering, request: LiveEnvelope): Promise<void> => {
  const { gateway, opened, wire, feeds } = parts
  const { id } = request
  switch (request.type) {
    case "subscribe": {
      const ref = { team: callerOf(opened).team, task: taskOf(request.task) }
      const task = await presentTask(gateway, await feeds.subscribe(ref, request.after ?? beforeFirst))
      return wire.send(JSON.stringify({ id, status: 200, ok: task }))
    }
    case "unsubscribe":
      feeds.unsubscribe(request.task)
      return wire.send(JSON.stringify({ id, status: 204, ok: null }))
    default:
      return call(parts, request)
  }
}

const taskOf = (id: string): string => {
  if (TaskId.safeParse(id).success) return id
  throw new Fault("not-found", "There is no such task.")
}

const call = async ({ gateway, app, opened, wire, feeds }: Answering, request: LiveCall): Promise<void> => {
  const { id } = request
  const after = "after" in request ? request.after : undefined
  let task: string | null = null
  using left = derive(wire.signal)
  const answered = await takingTurns(
    async turn => {
      task = turn.ref.task
      const before = turn.begun?.after ?? (await beforeTurn(gateway, turn.ref))
      await wire.send(JSON.stringify({ id, begun: { task, turn: turn.ref.turn, after: before } }))
      return feeds.take(turn, after ?? before)
    },
    () => callRoute(app, opened, request, left.signal),
  )
  const { status, body, replayed, retryAfterSeconds } = answered
  if (status >= 400) {
    const retry = retryAfterSeconds === undefined ? "" : `,"retryAfterSeconds":${retryAfterSeconds}`
    return wire.send(`{"id":${JSON.stringify(id)},"problem":${body}${retry}}`)
  }
  // What happened comes before its summary.
  if (task !== null) await feeds.reached(task, (JSON.parse(body) as Task).lastEventId)
  const again = replayed ? ',"replayed":true' : ""
  return wire.send(`{"id":${JSON.stringify(id)},"status":${status},"ok":${body || "null"}${again}}`)
}
