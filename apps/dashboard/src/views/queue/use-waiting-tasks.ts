import { infiniteQueryOptions, useInfiniteQuery } from "@tanstack/react-query"
import type { Lane, Page, Task } from "@twolane/protocol"
import { useCallback } from "react"
import { client } from "../../client.ts"
import type { Live } from "../../live/live.ts"
import { perPage } from "../../live/open-tasks.ts"
import { useLive } from "../../live/use-live.ts"

/** A long line in the order in which it is picked, page by page. Both lanes' lines go on together, until neither has more. */
export const waitingTasks = (live: Live) =>
  infiniteQueryOptions({
    queryKey: ["waiting"],
    initialPageParam: lineStart,
    queryFn: async ({ pageParam, signal }) => {
      const [fast, deep] = await Promise.all([
        loadPage("fast", pageParam.fast, signal),
        loadPage("deep", pageParam.deep, signal),
      ])
      live.learn([...fast.items, ...deep.items])
      return readLines({ fast, deep })
    },
    getNextPageParam: ({ next }) => (next.fast === null && next.deep === null ? null : next),
    staleTime: Number.POSITIVE_INFINITY,
  })

/** Loads more of it as one scrolls; its first page is loaded with the open tasks. */
export const useWaitingTasks = () => {
  const { data, fetchNextPage, isFetching, hasNextPage, error } = useInfiniteQuery(waitingTasks(useLive()))
  const loadMore = useCallback(() => void fetchNextPage(), [fetchNextPage])
  const more = hasNextPage && error === null
  // Newer ones are known as well, by their events: between them and these there are some that are not loaded.
  const upTo = more ? (data?.pages.at(-1)?.upTo ?? 0) : Number.POSITIVE_INFINITY
  return { error, more, upTo, loading: isFetching, loadMore }
}

/** Where each lane's line goes on: empty at its start, null after its end. */
type Cursors = Record<Lane, string | null>
type Lines = Record<Lane, Page<Task>>

/** Where both lines begin. */
export const lineStart: Cursors = { fast: "", deep: "" }

/** What is kept of a page of both lines: where they go on, and up to which place they are known. */
export const readLines = ({ fast, deep }: Lines): { next: Cursors; upTo: number } => ({
  next: { fast: fast.nextCursor, deep: deep.nextCursor },
  upTo: Math.min(...[fast, deep].filter(({ nextCursor }) => nextCursor !== null).map(lastPlace)),
})

const lastPlace = ({ items }: Page<Task>): number => items.at(-1)?.queue?.position ?? 0

const loadPage = async (lane: Lane, cursor: string | null, signal: AbortSignal): Promise<Page<Task>> => {
  if (cursor === null) return { items: [], nextCursor: null }
  const after = cursor === "" ? {} : { cursor }
  return await client.waiting(lane, { limit: perPage.line, ...after }, { signal })
}
