import type {
  Lane,
  LaneQueue,
  Page,
  QueueLimits,
  QueueLimitsChange,
  QueuePlace,
  Task,
  TaskState,
} from "@twolane/protocol"
import type { LaneDepth } from "./view.ts"

/** The queue of each lane: where turns stand, and the rules by which slots are given away. */
export type QueueStore = {
  /** Where a waiting turn stands; null when it does not wait in the queue. */
  place(state: TaskState): Promise<QueuePlace | null>
  /** The tasks that wait in a lane, in the order of priority and age; those of a page in that in which they are picked. */
  waiting(team: string, lane: Lane, page: { limit: number; cursor?: string }): Promise<Page<Task>>
  queue(team: string, lane: Lane): Promise<LaneQueue>
  /** How full a lane is, over all teams. */
  depth(lane: Lane): Promise<LaneDepth>
  /** A lane's limits, with those of all teams. */
  limits(lane: Lane): Promise<QueueLimits>
  /** Changes a lane's limits; what the change does not name stays. The picker looks at once. */
  setLimits(lane: Lane, change: QueueLimitsChange): Promise<QueueLimits>
  /** Starts no further turns of a lane, or again. */
  pause(lane: Lane, paused: boolean): Promise<void>
  /** Starts no further turns of a repo in a lane, or again. */
  pauseRepo(lane: Lane, of: { team: string; repo: string }, paused: boolean): Promise<void>
}
