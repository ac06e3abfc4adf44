import { infiniteQueryOptions, useInfiniteQuery } from "@tanstack/react-query"
import type { Lane } from "@twolane/protocol"
import { useCallback } from "react"
import { client } from "../../client.ts"
import { earlyLines, perPage } from "../../early.ts"
import type { Live } from "../../live/live.ts"
import { useLive } from "../../live/use-live.ts"

/** A long line in the order in which it is picked, page by page. Both lanes' lines go on together, until neither has more. */
export const waitingTasks = (live: Live) =>
  infiniteQueryOptions({
    queryKey: ["waiting"],
    initialPageParam: { fast: "", deep: "" } as Cursors,
    queryFn: async ({ pageParam, signal }) => {
      const [fast, deep] = await Promise.all([
        loadPage("fast", pageParam.fast, signal),
        loadPage("deep", pageParam.deep, signal),
      ])
      live.learn([...fast.items, ...deep.items])
      return { fast: fast.nextCursor, deep: deep.nextCursor }
    },
    getNextPageParam: next => (next.fast === null && next.deep === null ? null : next),
    staleTime: Number.POSITIVE_INFINITY,
  })

/** Loads more of it as one scrolls; its first page is loaded with the open tasks. */
export const useWaitingTasks = () => {
  const { data, fetchNextPage, isFetching, hasNextPage, error } = useInfiniteQuery(waitingTasks(useLive()))
  const loadMore = useCallback(() => void fetchNextPage(), [fetchNextPage])
  const more = hasNextPage && error === null
  // Newer ones are known as well, by their events: between them and these there are some that are not loaded.
  const upTo = more ? (data?.pages.length ?? 0) * perPage.line : Number.POSITIVE_INFINITY
  return { error, more, upTo, loading: isFetching, loadMore }
}

/** Where each lane's line goes on: empty at its start, null after its end. */
type Cursors = Record<Lane, string | null>

const nothing = { items: [], nextCursor: null }

const loadPage = async (lane: Lane, cursor: string | null, signal: AbortSignal) => {
  if (cursor === null) return nothing
  if (cursor === "") return await earlyLines[lane].take(signal)
  return await client.waiting(lane, { limit: perPage.line, cursor }, { signal })
}
