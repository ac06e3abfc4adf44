import type { TaskDelta, TaskEvent } from "@twolane/protocol"
import { useEffect, useState } from "react"
import { client } from "../../../client.ts"
import { createFrames } from "../../../live/frames.ts"
import { emptyTimeline, foldTimeline, type Timeline, withGap } from "./timeline.ts"
import { foldTimings, noTimings, type Timings } from "./timings.ts"

/** What the page knows of a task's conversation, and how it hears of more. */
export type Following = {
  timeline: Timeline
  timings: Timings
  /** Since when it is watched, epoch ms. */
  since: number
  /** `loading` until the log was read once; `broken` while the connection is tried again. */
  state: "loading" | "live" | "broken" | "failed"
  error: unknown
}

const nothing: Following = {
  timeline: emptyTimeline,
  timings: noTimings,
  since: Number.POSITIVE_INFINITY,
  state: "loading",
  error: null,
}

/** A lost connection is tried again for as long as the view is open. */
const patienceMs = Number.POSITIVE_INFINITY

/** Follows one task, always the same, from its first event on, a frame at a time. The client resumes after the last event: no gap, and nothing twice. */
export const useTimeline = (task: string): Following => {
  const [following, setFollowing] = useState(nothing)
  useEffect(() => {
    const stop = new AbortController()
    const frames = createFrames<TaskEvent | TaskDelta>(news =>
      setFollowing(before => ({
        ...before,
        timeline: foldTimeline(before.timeline, news),
        timings: foldTimings(before.timings, news, before.since),
      })),
    )
    follow(task, frames.add, setFollowing, stop.signal).catch((error: unknown) => {
      if (!stop.signal.aborted) setFollowing(before => ({ ...before, state: "failed", error }))
    })
    return () => {
      stop.abort()
      frames.drop()
    }
  }, [task])
  return following
}

const follow = async (
  task: string,
  add: (one: TaskEvent | TaskDelta) => void,
  set: (next: (before: Following) => Following) => void,
  signal: AbortSignal,
): Promise<void> => {
  const onConnection = ({ state }: { state: "open" | "broken" }) =>
    set(before =>
      state === "open"
        ? {
            ...before,
            state: "live",
            since: Math.min(before.since, Date.now()),
            timeline: withGap(before.timeline),
          }
        : { ...before, state: "broken" },
    )
  for await (const one of client.follow(task, { forever: true, patienceMs, onConnection, signal })) add(one)
}
