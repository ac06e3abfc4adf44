import type { Door } from "@twolane/store"

/**
 * The doors that a task's turn may go to, the best first: the one that keeps its workspace, then the least busy. Workers of other
 * machines are left out: a socket reaches none of them.
 */
export const orderDoors = (doors: readonly Door[], task: string, host: string): Door[] =>
  doors
    .filter(door => door.host === host && door.holding === undefined)
    .toSorted((a, b) => rank(a, task) - rank(b, task))

const rank = (door: Door, task: string): number =>
  door.keeps.includes(task) ? -1 : door.busy / door.capacity
