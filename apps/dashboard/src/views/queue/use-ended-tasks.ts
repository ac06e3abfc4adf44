import { useInfiniteQuery } from "@tanstack/react-query"
import { useCallback } from "react"
import { client } from "../../client.ts"
import { useLive } from "../../live/use-live.ts"
import type { Filter } from "./filter.ts"

const perPage = 100

/**
 * Loads tasks page by page, newest first, into the live table, which the list reads: the pages themselves only know where to go on.
 * Nothing is asked again for what the stream tells.
 */
export const useEndedTasks = (filter: Filter) => {
  const live = useLive()
  const query = useInfiniteQuery({
    queryKey: ["tasks", filter],
    initialPageParam: "",
    queryFn: async ({ pageParam, signal }) => {
      const page = { limit: perPage, ...(pageParam === "" ? {} : { cursor: pageParam }) }
      const { items, nextCursor } = await client.tasks({ ...filter, ...page }, { signal })
      live.learn(items)
      return nextCursor
    },
    getNextPageParam: nextCursor => nextCursor,
    staleTime: Number.POSITIVE_INFINITY,
  })
  const { fetchNextPage, isFetching, hasNextPage, error } = query
  const loadMore = useCallback(() => void fetchNextPage(), [fetchNextPage])
  return { error, more: hasNextPage && error === null, loading: isFetching, loadMore }
}
