import type { QueryClient } from "@tanstack/react-query"
import { client } from "../../client.ts"
import type { Live } from "../../live/live.ts"
import { loadFirstTasks } from "../../live/open-tasks.ts"
import { laneFigures, workerList } from "../../queries.ts"
import { type Filter, isWhole } from "./filter.ts"
import { endedTasks } from "./use-ended-tasks.ts"
import { waitingTasks } from "./use-waiting-tasks.ts"

/** What is still missing after this time is shown when it comes. */
const patienceMs = 400

/**
 * Has what the queue shows first ready before it is shown, so that it is made once and nothing jumps, where it did not come with the
 * page. What fails here is loaded again by the views, which say so.
 */
export const loadQueue = async (queries: QueryClient, live: Live, filter: Filter): Promise<void> => {
  const isKnown = queries.getQueryData(laneFigures.queryKey) !== undefined
  if (isKnown || live.loading.get().state === "ready") return
  const ready = Promise.allSettled([
    loadFirstTasks(client).then(live.learn),
    queries.prefetchQuery(laneFigures),
    queries.prefetchQuery(workerList),
    ...(isWhole(filter)
      ? [
          queries.prefetchInfiniteQuery(endedTasks(live, filter)),
          queries.prefetchInfiniteQuery(waitingTasks(live)),
        ]
      : []),
  ])
  await Promise.race([ready, new Promise(resolve => setTimeout(resolve, patienceMs))])
}
