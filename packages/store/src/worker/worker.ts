import { setTimeout as sleep } from "node:timers/promises"
import { turnOf } from "@twolane/protocol"
import type { Context } from "../context.ts"
import { queueFamily } from "../keys.ts"
import type { WorkerHandle, WorkerOptions } from "../port.ts"
import type { Ticket } from "../queue/tickets.ts"
import { withDeadline } from "../redis/deadline.ts"
import type { OwnAttempt } from "./attempt.ts"
import { sayHere, startBeat } from "./beat.ts"
import { startDelivering } from "./deliver.ts"
import { makeLiveText } from "./deltas.ts"
import { claimDirect, type DirectParts } from "./direct.ts"
import type { WorkerRecord } from "./doors.ts"
import { isOpen, type ServeParts, serveTicket } from "./serve.ts"
import { makeSlots } from "./slots.ts"
import type { TicketsOf, TicketWorker } from "./tickets.ts"

/** What a worker needs of the store. */
export type WorkerParts = Omit<ServeParts, "worker" | "running" | "liveText" | "refuses" | "stopped"> & {
  /** The context of the beat's own connection. */
  beat: Context
  takeTickets: (at: TicketsOf, serve: (ticket: Ticket) => Promise<void>) => TicketWorker
  closeConnections: () => Promise<void>
}

/** Starts a worker: it is registered, beats, takes tickets, and does effects. */
export const startWorker = async (
  context: Context,
  parts: WorkerParts,
  options: WorkerOptions,
): Promise<WorkerHandle> => {
  const running = new Set<OwnAttempt>()
  const since = context.now()
  let draining = false
  let stopped = false
  const holding = () => (draining ? "shutting down" : options.holding())
  const view = () => viewOf(options, { since, now: context.now(), holding: holding(), running })
  await sayHere(parts.beat, view())

  const slots = makeSlots(options.capacity, () => countOpen(running))
  const serveParts: DirectParts = {
    ...parts,
    worker: options,
    running,
    liveText: makeLiveText(context),
    refuses: () => holding() !== null,
    stopped: () => stopped,
    takeSlot: slots.take,
  }
  const tickets = parts.takeTickets(
    { lane: options.lane, host: options.host, capacity: options.capacity },
    ticket =>
      serveTicket(context, { ...serveParts, refuses: () => serveParts.refuses() || slots.full() }, ticket),
  )
  const deliverer = startDelivering(context, parts.hub, options)
  /** The picker gives slots away by what it last saw: it looks again when a worker comes or goes. */
  const wake = () => withDeadline(context.client.publish(`${queueFamily(options.lane)}wake`, ""))
  const beat = startBeat(parts.beat, { view, attempts: () => running, onBeat: deliverer.poke })
  await tickets.waitUntilReady()
  await wake()

  const drain = async (graceMs: number) => {
    draining = true
    await tickets.pause(true)
    await sayHere(parts.beat, view())
      .then(wake)
      .catch(error => context.onError(error, "say that it drains"))
    await untilIdle(running, graceMs)
    stopped = true
    for (const attempt of running) attempt.abort({ by: "shutdown" })
    await untilIdle(running, Number.POSITIVE_INFINITY)
  }
  return {
    claim: (wish, known) => claimDirect(context, serveParts, wish, known),
    announce: () => sayHere(parts.beat, view()),
    drain,
    [Symbol.asyncDispose]: async () => {
      await Promise.all([drain(0), deliverer.stop()])
      await beat[Symbol.asyncDispose]()
      await tickets.close()
      await leave(context, options)
        .then(wake)
        .catch(error => context.onError(error, "leave"))
      await parts.closeConnections()
    },
  }
}

const countOpen = (attempts: ReadonlySet<OwnAttempt>): number =>
  [...attempts].filter(attempt => isOpen(attempt.state(), attempt)).length

const viewOf = (
  options: WorkerOptions,
  now: { since: number; now: number; holding: string | null; running: ReadonlySet<OwnAttempt> },
): WorkerRecord => ({
  id: options.id,
  lane: options.lane,
  host: options.host,
  pid: process.pid,
  version: options.version,
  since: now.since,
  seenAt: now.now,
  capacity: options.capacity,
  sandbox: options.sandbox,
  ...(now.holding === null ? {} : { holding: now.holding }),
  ...(options.ways === undefined ? {} : { ways: options.ways }),
  ...(options.keeps === undefined ? {} : { keeps: options.keeps() }),
  busy: now.running.size,
  turns: [...now.running].map(attempt => ({
    team: attempt.team,
    task: attempt.task,
    turn: attempt.turn,
    since: turnOf(attempt.state(), attempt.turn)?.startedAt ?? now.now,
  })),
})

/** Waits until nothing runs, or for so long. */
const untilIdle = async (running: ReadonlySet<OwnAttempt>, mostMs: number): Promise<void> => {
  const until = performance.now() + mostMs
  while (running.size > 0 && performance.now() < until) await sleep(Math.min(20, until - performance.now()))
}

const leave = async (context: Context, { lane, id }: WorkerOptions): Promise<void> => {
  await withDeadline(context.client.hdel(`${queueFamily(lane)}workers`, id))
}
