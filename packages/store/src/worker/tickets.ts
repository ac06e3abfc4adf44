import type { Lane } from "@twolane/protocol"
import { type Job, type Processor, Worker } from "bullmq"
import type { Context } from "../context.ts"
import { bullPrefix } from "../keys.ts"
import { queueNameOf, type Ticket } from "../queue/tickets.ts"
import type { Client } from "../redis/connect.ts"
import { every } from "../timer.ts"

/** BullMQ's lock guards only the ticket; the lease guards the turn. */
const lockMs = 30_000
const renewMs = 10_000

/** How many parameters the processor must declare: with fewer BullMQ hands it no signal. */
export const processorParameters = 3

/** Takes tickets until it is closed; `pause` takes no more and waits for none, until `resume`. */
export type TicketWorker = {
  waitUntilReady: () => Promise<unknown>
  pause: (doNotWaitActive: boolean) => Promise<void>
  resume: () => Promise<void>
  close: () => Promise<void>
}

/** Whose tickets, and how many at once. */
export type TicketsOf = { lane: Lane; host: string; capacity: number }
export type MakeTicketWorker = (
  context: Context,
  at: TicketsOf & { client: Client },
  serve: (ticket: Ticket) => Promise<void>,
) => TicketWorker

/** The receiving side of BullMQ. */
export const makeTicketWorker: MakeTicketWorker = (context, at, serve) => {
  const processor: Processor<Ticket> = (job, token, _signal) => processTicket(context, serve, job, token)
  if (processor.length !== processorParameters) throw new Error("BullMQ's processor must take 3 parameters")
  const worker = new Worker<Ticket>(queueNameOf(at.host), processor, {
    connection: at.client,
    prefix: bullPrefix(at.lane),
    concurrency: at.capacity,
    lockDuration: lockMs,
    // BullMQ tracks locks by job id and not by token: after a stall it could renew the wrong one. We renew by token.
    skipLockRenewal: true,
    stalledInterval: renewMs,
    // A worker that dies often is no failure of the turn: attempts are counted by the task.
    maxStalledCount: 1_000_000,
    runRetryDelay: 1_000,
    removeOnComplete: { count: 0 },
    removeOnFail: { count: 0 },
  })
  worker.on("error", error => context.onError(error, "ticket worker"))
  return worker
}

const processTicket = async (
  context: Context,
  serve: (ticket: Ticket) => Promise<void>,
  job: Job<Ticket>,
  token: string | undefined,
): Promise<void> => {
  await using _lock = every(renewMs, {
    name: "renew a ticket",
    after: "interval", // it was locked just now
    // A ticket that BullMQ gave to somebody else meanwhile is of an old generation there.
    run: async () => void (await job.extendLock(token ?? "", lockMs)),
    onError: context.onError,
  })
  await serve(job.data)
}
