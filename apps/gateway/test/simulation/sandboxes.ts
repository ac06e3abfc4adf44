import type { Machine } from "./machine.ts"

/** A jail that runs for an attempt. */
export type Sandbox = { task: string; attempt: number; machine: Machine; ended: boolean }

/** Keeps account of the jails, and of two that ran for one task at a time (promise I5). */
export type Sandboxes = {
  begin: (task: string, attempt: number, machine: Machine) => Sandbox
  violations: string[]
  live: () => Sandbox[]
}

/** A jail ends with its machine; that of a frozen machine is ended by its keeper, which hears no beat for `fenceMs`. */
export const watchSandboxes = (now: () => number, fenceMs: number): Sandboxes => {
  const all = new Set<Sandbox>()
  const violations: string[] = []
  const isLive = ({ machine, ended }: Sandbox): boolean =>
    !ended && machine.alive && (machine.pausedAt === null || now() < machine.pausedAt + fenceMs)
  const live = () => [...all].filter(isLive)
  return {
    violations,
    live,
    begin: (task, attempt, machine) => {
      for (const other of live())
        if (other.task === task)
          violations.push(
            `attempts ${other.attempt} (${other.machine.name}) and ${attempt} of ${task} ran at once`,
          )
      const sandbox = { task, attempt, machine, ended: false }
      all.add(sandbox)
      return sandbox
    },
  }
}
