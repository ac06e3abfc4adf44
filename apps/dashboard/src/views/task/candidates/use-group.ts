import { queryOptions, useQuery, useQueryClient } from "@tanstack/react-query"
import type { GroupOf, TaskEvent } from "@twolane/protocol"
import { useEffect } from "react"
import { client } from "../../../client.ts"
import { throttle } from "../../../live/throttle.ts"
import { useLive } from "../../../live/use-live.ts"
import { silentEveryMs } from "../../../queries.ts"

const groupQuery = (id: string) =>
  queryOptions({
    queryKey: ["group", id],
    queryFn: ({ signal }) => client.group(id, { signal }),
    refetchInterval: silentEveryMs,
  })

/** What of a candidate's log changes how it compares. */
const telling: ReadonlySet<TaskEvent["type"]> = new Set([
  "turn.queued",
  "turn.started",
  "patch.applied",
  "guardrail.tripped",
  "tests.ended",
  "change.ready",
  "gate.opened",
  "gate.decided",
  "turn.ended",
  "task.reviewed",
])

const againEveryMs = 1_000

/** The group of a task, compared anew, at most once a second, when something happened in one of its tasks. */
export const useGroup = ({ id, candidates }: GroupOf) => {
  const live = useLive()
  const queries = useQueryClient()
  useEffect(() => {
    const tasks = new Set(candidates.map(({ task }) => task))
    const again = throttle(() => void queries.invalidateQueries(groupQuery(id)), againEveryMs)
    return live.onEvents(events => {
      if (events.some(({ task, type }) => tasks.has(task) && telling.has(type))) again()
    })
  }, [live, queries, id, candidates])
  return useQuery(groupQuery(id))
}
