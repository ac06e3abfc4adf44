import { setTimeout as sleep } from "node:timers/promises"
import { drainedWords, turnOf } from "@twolane/protocol"
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
import { forgetWorkers } from "./drain.ts"
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
  let drained = false
  let stopped = false
  const holding = () => (draining ? "shutting down" : drained ? drainedWords : options.holding())
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
  // No beat waits for it.
  const onDrained = (now: boolean) => {
    if (now === drained || draining) return
    drained = now
    Promise.all([
      drained ? tickets.pause(true) : tickets.resume(),
      sayHere(parts.beat, view()).then(wake),
    ]).catch(error => context.onError(error, "say whether it is drained"))
  }
  const beat = startBeat(parts.beat, { view, attempts: () => running, onBeat: deliverer.poke, onDrained })
  await tickets.waitUntilReady()
  await wake()

  const drain = async (graceMs: number) => {
    if (!draining) {
      draining = true
      await tickets.pause(true)
      await sayHere(parts.beat, view())
        .then(wake)
        .catch(error => context.onError(error, "say that it drains"))
    }
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
      // With Redis gone BullMQ would wait for it.
      const closed = withDeadline(tickets.close())
      const left = forgetWorkers(context, options.lane, [options.id]).then(wake)
      await Promise.all([
        closed.catch(error => context.onError(error, "close the line of tickets")),
        left.catch(error => context.onError(error, "leave")),
      ])
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
  ...(options.provider === undefined ? {} : { provider: options.provider }),
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
