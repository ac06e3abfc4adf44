import { infiniteQueryOptions } from "@tanstack/react-query"
import type { Delivery } from "@twolane/protocol"
import { client } from "../../client.ts"
import { silentEveryMs } from "../../queries.ts"

const pageSize = 50
/** While a message is on its way it is asked for as often. */
const soonEveryMs = 1_000

/** What was sent to a webhook, newest first: no event tells of it, so that it is asked for while it is shown. */
export const deliveriesOf = (hook: string) =>
  infiniteQueryOptions({
    queryKey: ["deliveries", hook],
    queryFn: ({ pageParam, signal }) =>
      client.deliveries(
        hook,
        { limit: pageSize, ...(pageParam !== null && { cursor: pageParam }) },
        { signal },
      ),
    initialPageParam: null as string | null,
    getNextPageParam: ({ nextCursor }) => nextCursor,
    staleTime: 0,
    refetchInterval: ({ state }) =>
      state.data?.pages.some(({ items }) => items.some(isOnItsWay)) ? soonEveryMs : silentEveryMs,
  })

const isOnItsWay = ({ status, nextAt = 0 }: Delivery): boolean => status === "waiting" && nextAt <= Date.now()
