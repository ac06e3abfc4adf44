import type { Machine } from "./machine.ts"

/** A jail that runs for an attempt. */
export type Sandbox = {
  task: string
  attempt: number
  machine: Machine
  ended: boolean
  /** When its lease was last proved (monotonic, ms). */
  provedAt: () => number
}

/** Keeps account of the jails, and of two that ran for one task at a time (promise I5). */
export type Sandboxes = {
  begin: (jail: Omit<Sandbox, "ended">) => Sandbox
  violations: string[]
  live: () => Sandbox[]
}

/** A jail ends with its machine; that of a frozen machine by its keeper, when its lease was not proved for `fenceMs`. */
export const watchSandboxes = (fenceMs: number): Sandboxes => {
  const all = new Set<Sandbox>()
  const violations: string[] = []
  const isLive = ({ machine, ended, provedAt }: Sandbox): boolean =>
    !ended && machine.alive && (machine.pausedAt === null || performance.now() < provedAt() + fenceMs)
  const live = () => [...all].filter(isLive)
  return {
    violations,
    live,
    begin: jail => {
      const { task, attempt } = jail
      for (const other of live())
        if (other.task === task)
          violations.push(
            `attempts ${other.attempt} (${other.machine.name}) and ${attempt} of ${task} ran at once`,
          )
      const sandbox = { ...jail, ended: false }
      all.add(sandbox)
      return sandbox
    },
  }
}
