import type { Write } from "./append.ts"

/** Whether a write may decide about the other candidates of its group. */
export const decidesGroup = ({ after, events }: Write): boolean =>
  after.group !== undefined && events.some(({ type }) => type === "turn.ended" || type === "task.reviewed")
