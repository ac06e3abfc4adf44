import type { Door } from "@twolane/store"

/** The doors that a task's turn may go to, the best first: the one that keeps its workspace, then the least busy, then the nearest. */
export const orderDoors = (doors: readonly Door[], task: string, host: string): Door[] =>
  doors
    .filter(door => door.holding === undefined && waysTo(door, host).length > 0)
    .toSorted((a, b) => rank(a, task) - rank(b, task) || distance(a, host) - distance(b, host))

const rank = (door: Door, task: string): number =>
  door.keeps.includes(task) ? -1 : door.busy / door.capacity

const distance = (door: Door, host: string): number => (door.host === host ? 0 : 1)

/** One way to a worker. */
export type Way = { socketPath: string } | { host: string; port: number }

/** The ways to a worker, the best first. Machines may bear the same name: a socket that is not there is followed by TCP. */
export const waysTo = ({ ways, host: there }: Door, host: string): Way[] => [
  ...(there === host ? [{ socketPath: ways.socket }] : []),
  ...(ways.tcp === undefined ? [] : [ways.tcp]),
]
