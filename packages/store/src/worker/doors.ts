import { Lane, type WorkerView } from "@twolane/protocol"
import { type Context, fromJson } from "../context.ts"
import { queueFamily } from "../keys.ts"
import { present } from "../queue/lane.ts"
import { withDeadline } from "../redis/deadline.ts"

/** A worker's record as Redis keeps it; `address` and `keeps` are never shown. */
export type WorkerRecord = WorkerView & {
  /** Where it takes turns directly. */
  address?: string
  /** The tasks whose workspaces it keeps warm. */
  keeps?: readonly string[]
}

/** A worker that takes turns directly. */
export type Door = {
  id: string
  host: string
  address: string
  capacity: number
  /** How many turns it had at its last beat. */
  busy: number
  holding?: string
  keeps: readonly string[]
}

const readRecords = async (context: Context, lane: Lane): Promise<WorkerRecord[]> => {
  const rows = await withDeadline(context.client.hvals(`${queueFamily(lane)}workers`))
  return present(rows.map(recordOf), context.now(), context.timing.leaseMs)
}

/** Workers of a version before say neither how busy they are nor whose turns they have. */
const recordOf = (json: string): WorkerRecord => {
  const record = fromJson<WorkerRecord>(json)
  const turns = record.turns.filter(({ team }) => team !== undefined)
  return { ...record, busy: record.busy ?? record.turns.length, turns }
}

/** The workers of all lanes that are there, the oldest first. */
export const readWorkers = async (context: Context): Promise<WorkerView[]> => {
  const lanes = await Promise.all(Lane.options.map(lane => readRecords(context, lane)))
  return lanes
    .flat()
    .map(({ address: _address, keeps: _keeps, ...view }) => view)
    .toSorted((a, b) => a.since - b.since)
}

/** The doors of a lane's workers, and whether the lane is paused. */
export const readDoors = async (
  context: Context,
  lane: Lane,
): Promise<{ doors: Door[]; paused: boolean }> => {
  const [records, paused] = await Promise.all([
    readRecords(context, lane),
    withDeadline(context.client.exists(`${queueFamily(lane)}paused`)),
  ])
  const doors = records.flatMap(({ id, host, address, capacity, busy, holding, keeps = [] }) =>
    address === undefined
      ? []
      : [
          {
            id,
            host,
            address,
            capacity,
            busy,
            keeps,
            ...(holding === undefined ? {} : { holding }),
          },
        ],
  )
  return { doors, paused: paused === 1 }
}
