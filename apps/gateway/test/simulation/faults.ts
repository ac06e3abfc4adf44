import { onMachine, resume } from "./machine.ts"
import { isExpected } from "./requests.ts"
import type { Role, World } from "./world.ts"

/** What may happen to a fleet, the commoner ones more than once. */
export const usualFaults = [
  "kill",
  "kill",
  "freeze",
  "cut",
  "cut",
  "partition",
  "outage",
  "cut all",
  "lose tickets",
  "drain",
] as const
export type FaultName = (typeof usualFaults)[number]

/** Breaks something, by chance, and mends it later by itself. */
export const breakSomething = (world: World, faults: readonly FaultName[]): void => {
  const { random, parts } = world
  // All of them are down, and start again by themselves.
  if (parts.size === 0) return
  const part = random.one([...parts.values()])
  const { name } = part.machine
  const fault = random.one(faults)
  switch (fault) {
    case "kill":
      world.kill(name)
      startLater(world, part.role)
      break
    case "freeze":
      freeze(world, name)
      break
    case "cut":
      world.network.cut(part.machine)
      break
    case "partition":
      partition(world, name)
      break
    case "outage":
      world.network.outage(random.whole(100, 14_000))
      break
    case "cut all":
      world.network.cut()
      break
    case "lose tickets":
      world.broker.lose()
      break
    case "drain":
      drain(world, name)
      break
    default:
      fault satisfies never
  }
}

const startLater = (world: World, role: Role): void => {
  const { time, random } = world
  time.at(time.now() + random.whole(100, 3_000), null, () => startUntilItDoes(world, role))
}

/** A supervisor's work: what cannot start now is started again. */
const startUntilItDoes = (world: World, role: Role): void => {
  const { time } = world
  world.start(role).catch(() => time.at(time.now() + 500, null, () => startUntilItDoes(world, role)))
}

const freeze = (world: World, name: string): void => {
  const { time, random } = world
  const machine = world.parts.get(name)?.machine
  if (machine === undefined || machine.pausedAt !== null) return
  machine.pausedAt = time.now()
  time.at(time.now() + random.whole(500, 30_000), null, () => resume(machine))
}

const partition = (world: World, name: string): void => {
  const { time, random, network } = world
  const machine = world.parts.get(name)?.machine
  if (machine === undefined) return
  network.partition(machine)
  time.at(time.now() + random.whole(300, 25_000), null, () => network.heal(machine))
}

/** As SIGTERM: it stops cleanly, and another one is started. */
const drain = (world: World, name: string): void => {
  const part = world.parts.get(name)
  if (part === undefined || part.worker === null || part.machine.pausedAt !== null) return
  const { worker, upkeep, machine, role } = part
  world.parts.delete(name)
  const stop = async () => {
    await worker[Symbol.asyncDispose]()
    await upkeep[Symbol.asyncDispose]()
  }
  const over = () => {
    machine.alive = false
  }
  const failed = (error: unknown) => {
    if (!isExpected(error)) world.errors.push(error)
  }
  onMachine(machine, stop).catch(failed).finally(over)
  startLater(world, role)
}

/** Ends every fault: nothing is frozen, cut off or away any more. */
export const mendAll = ({ parts, network, broker }: World): void => {
  broker.faulty = false
  network.outage(0)
  for (const { machine } of parts.values()) {
    network.heal(machine)
    if (machine.pausedAt !== null) resume(machine)
  }
}
