import type { Lane } from "@twolane/protocol"
import { type MakeTicketWorker, queueNameOf, type Ticket, type Tickets } from "@twolane/store/outside"
import { type Machine, machineNow, onMachine } from "./machine.ts"
import type { Random } from "./random.ts"
import type { VirtualTime } from "./virtual-time.ts"

/** Carries tickets as badly as it may: late, twice, out of order, or never. */
export type Broker = {
  openTickets: () => Tickets
  makeTicketWorker: MakeTicketWorker
  /** Whether faults happen. */
  faulty: boolean
  /** Loses everything that it has. */
  lose: () => void
}

type Taker = {
  machine: Machine
  capacity: number
  active: number
  closed: boolean
  serve: (ticket: Ticket) => Promise<void>
}

/** Makes an empty broker. */
export const makeBroker = (time: VirtualTime, random: Random): Broker => {
  const queues = new Map<string, { tickets: Ticket[]; takers: Set<Taker> }>()
  const queueOf = (lane: Lane, host: string) => {
    const name = `${lane}/${queueNameOf(host)}`
    const known = queues.get(name) ?? { tickets: [], takers: new Set<Taker>() }
    queues.set(name, known)
    return known
  }
  const hand = (queue: ReturnType<typeof queueOf>): void => {
    for (const taker of queue.takers) {
      const { machine } = taker
      if (taker.closed || !machine.alive || machine.pausedAt !== null) continue
      while (taker.active < taker.capacity && queue.tickets.length > 0) {
        const ticket = queue.tickets.shift()
        if (ticket === undefined) break
        taker.active += 1
        const serve = async () => {
          try {
            await taker.serve(ticket)
          } catch {
            // As with BullMQ: a job that fails is gone, and the picker issues another ticket.
          }
          taker.active -= 1
          hand(queue)
        }
        time.at(time.now() + random.whole(0, 3), machine, () => void onMachine(machine, serve))
      }
    }
  }
  const add = (queue: ReturnType<typeof queueOf>, ticket: Ticket, afterMs: number): void =>
    time.at(time.now() + afterMs, null, () => {
      if (random.chance(0.5)) queue.tickets.push(ticket)
      else queue.tickets.unshift(ticket)
      hand(queue)
    })
  const broker: Broker = {
    faulty: true,
    openTickets: () => ({
      send: async (lane, picks) => {
        for (const { entry, host, generation, state } of picks) {
          const at = { team: entry.team, task: entry.task, generation }
          const ticket: Ticket = structuredClone(state === undefined ? at : { ...at, state })
          if (broker.faulty && random.chance(0.05)) continue
          add(queueOf(lane, host), ticket, random.whole(0, 5))
          if (broker.faulty && random.chance(0.1)) add(queueOf(lane, host), ticket, random.whole(0, 20_000))
        }
      },
      forget: async () => {},
      [Symbol.asyncDispose]: async () => {},
    }),
    makeTicketWorker: (_context, at, serve) => {
      const machine = machineNow()
      if (machine === null) throw new Error("a ticket worker belongs to a machine")
      const queue = queueOf(at.lane, at.host)
      const taker: Taker = { machine, capacity: at.capacity, active: 0, closed: false, serve }
      queue.takers.add(taker)
      const close = async () => {
        taker.closed = true
        queue.takers.delete(taker)
      }
      const resume = async () => {
        taker.closed = false
        queue.takers.add(taker)
        hand(queue)
      }
      return { waitUntilReady: async () => hand(queue), pause: close, resume, close }
    },
    lose: () => {
      for (const queue of queues.values()) queue.tickets = []
    },
  }
  return broker
}
