import { AsyncLocalStorage } from "node:async_hooks"

/** A simulated process: what was begun in it lives and dies with it. */
export type Machine = {
  name: string
  alive: boolean
  /** Since when it is frozen, as by SIGSTOP; null: it runs. */
  pausedAt: number | null
  /** What came due while it was frozen. */
  held: (() => void)[]
}

const current = new AsyncLocalStorage<Machine>()

/** Makes a machine that runs. */
export const makeMachine = (name: string): Machine => ({ name, alive: true, pausedAt: null, held: [] })

/** Runs something on a machine: all that it begins belongs to it. */
export const onMachine = <Value>(machine: Machine, run: () => Value): Value => current.run(machine, run)

/** The machine whose code runs now; null outside of any. */
export const machineNow = (): Machine | null => current.getStore() ?? null

/** Runs what came due for a machine: not on a dead one, and on a frozen one later. */
export const comeDue = (machine: Machine | null, run: () => void): void => {
  if (machine === null) current.exit(run)
  else if (machine.pausedAt !== null) machine.held.push(run)
  else if (machine.alive) current.run(machine, run)
}

/** Ends a frozen machine's sleep: all that came due happens now, in its order. */
export const resume = (machine: Machine): void => {
  machine.pausedAt = null
  for (const run of machine.held.splice(0)) comeDue(machine, run)
}
