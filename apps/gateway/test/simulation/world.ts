import { newId } from "@twolane/protocol"
import type { Store, WorkerHandle } from "@twolane/store"
import { openStoreOn } from "@twolane/store/outside"
import { type Broker, makeBroker } from "./broker.ts"
import { type Machine, makeMachine, onMachine } from "./machine.ts"
import { makeNetwork, type Network } from "./network.ts"
import type { Random } from "./random.ts"
import { makeRemote, type Remote } from "./remote.ts"
import { isExpected } from "./requests.ts"
import { type Sandboxes, watchSandboxes } from "./sandboxes.ts"
import { deliver, runTurn } from "./turns.ts"
import type { VirtualTime } from "./virtual-time.ts"

/** Leases as they are in production. */
export const timing = { leaseMs: 10_000, beatMs: 1_000, fenceMs: 6_000 }

type Part = { machine: Machine; store: Store; upkeep: AsyncDisposable; worker: WorkerHandle | null }
export type Role = "gateway" | "deep" | "fast"

/** A whole fleet over one Redis in memory. */
export type World = {
  time: VirtualTime
  random: Random
  network: Network
  broker: Broker
  remote: Remote
  sandboxes: Sandboxes
  parts: Map<string, Part & { role: Role }>
  /** Errors that no fault explains. */
  errors: unknown[]
  /** Starts a process; resolves when it is at work. */
  start: (role: Role) => Promise<void>
  /** As `kill -9`. */
  kill: (name: string) => void
}

/** Makes an empty world. `edit` breaks the store's Lua functions on purpose. */
export const makeWorld = (time: VirtualTime, random: Random, edit?: (source: string) => string): World => {
  const network = makeNetwork(time, random, edit)
  const broker = makeBroker(time, random)
  const remote = makeRemote()
  const sandboxes = watchSandboxes(timing.fenceMs)
  const errors: unknown[] = []
  const parts: World["parts"] = new Map()
  let started = 0

  const open = (machine: Machine) =>
    openStoreOn(
      {
        url: "memory",
        secretKey: "A".repeat(43),
        timing,
        onError: error => {
          if (!isExpected(error) && !isClosed(error)) errors.push(error)
        },
      },
      {
        connections: { open: () => network.connect(machine).client, close: async () => {} },
        openTickets: broker.openTickets,
        makeTicketWorker: broker.makeTicketWorker,
      },
    )
  const work = (machine: Machine, store: Store, lane: "deep" | "fast") => {
    const stage = { random, sandboxes, remote }
    return store.startWorker({
      lane,
      id: newId("worker"),
      capacity: 2,
      version: "0.0.0",
      sandbox: "jail",
      host: random.one(["north", "south"]),
      started: () => ({ model: "simulated", engine: "none", simulated: true }),
      holding: () => null,
      run: runTurn(stage, machine),
      deliver: deliver(stage, () => store),
    })
  }
  return {
    time,
    random,
    network,
    broker,
    remote,
    sandboxes,
    parts,
    errors,
    start: role => {
      const machine = makeMachine(`${role} ${++started}`)
      return onMachine(machine, async () => {
        const store = await open(machine)
        const worker = role === "gateway" ? null : await work(machine, store, role)
        const upkeep = store.startUpkeep()
        parts.set(machine.name, { role, machine, store, upkeep, worker })
      })
    },
    kill: name => {
      const part = parts.get(name)
      if (part !== undefined) part.machine.alive = false
      parts.delete(name)
    },
  }
}

const isClosed = (error: unknown): boolean =>
  error instanceof Error && error.message === "Connection is closed."
