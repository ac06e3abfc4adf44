/** A jail's share of a busy CPU, as a cgroup's `cpu.weight`: work that somebody waits for, and work that nobody does. */
export const cpuWeights = { fast: 100, deep: 20 } as const

/** Every command gives way to the worker, and to us, who must stay quick to end it. */
const humble = 10

/**
 * How nice a command is by its weight. It holds where no cgroup weighs: each step of the scheduler's table is a factor of 1.25 between
 * processes that want the same CPU.
 */
export const niceOf = (cpuWeight: number): number =>
  Math.min(19, humble + Math.max(0, Math.round(Math.log(100 / cpuWeight) / Math.log(1.25))))
