import { infiniteQueryOptions, useInfiniteQuery } from "@tanstack/react-query"
import { useCallback } from "react"
import { client } from "../../client.ts"
import type { Live } from "../../live/live.ts"
import { perPage } from "../../live/open-tasks.ts"
import { useLive } from "../../live/use-live.ts"
import type { Filter } from "./filter.ts"

/**
 * Tasks page by page, newest first, loaded into the live table, which the list reads: the pages themselves only know where to go on.
 * Nothing is asked again for what the stream tells.
 */
export const endedTasks = (live: Live, filter: Filter) =>
  infiniteQueryOptions({
    queryKey: ["tasks", filter],
    initialPageParam: "",
    queryFn: async ({ pageParam, signal }) => {
      const page = { limit: perPage.newest, ...(pageParam === "" ? {} : { cursor: pageParam }) }
      const { items, nextCursor } = await client.tasks({ ...filter, ...page }, { signal })
      live.learn(items)
      return nextCursor
    },
    getNextPageParam: nextCursor => nextCursor,
    staleTime: Number.POSITIVE_INFINITY,
  })

/** Loads more of them as one scrolls. */
export const useEndedTasks = (filter: Filter) => {
  const query = useInfiniteQuery(endedTasks(useLive(), filter))
  const { fetchNextPage, isFetching, hasNextPage, error } = query
  const loadMore = useCallback(() => void fetchNextPage(), [fetchNextPage])
  return { error, more: hasNextPage && error === null, loading: isFetching, loadMore }
}
