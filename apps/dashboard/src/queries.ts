import { QueryClient, queryOptions } from "@tanstack/react-query"
import { client } from "./client.ts"

/** Makes the cache of what views load. The client itself tries again where it may; what goes wrong after that is shown. */
export const createQueries = (): QueryClient =>
  new QueryClient({
    defaultOptions: {
      queries: { staleTime: 30_000, retry: false, refetchOnWindowFocus: false, networkMode: "always" },
      mutations: { retry: false, networkMode: "always" },
    },
  })

/** What the stream makes old when the queue moves. */
export const queueKey = ["queue"] as const

/** What no event tells is asked for now and then as well: a worker that died, a lane that somebody paused. */
const silentEveryMs = 15_000

/** Both lanes' figures. */
export const laneFigures = queryOptions({
  queryKey: [...queueKey, "lanes"],
  queryFn: ({ signal }) => client.queue({ signal }),
  refetchInterval: silentEveryMs,
})

/** The workers that are there. */
export const workerList = queryOptions({
  queryKey: [...queueKey, "workers"],
  queryFn: ({ signal }) => client.workers({ signal }),
  refetchInterval: silentEveryMs,
})

/** The repos of the team. */
export const repoList = queryOptions({
  queryKey: ["repos"],
  queryFn: ({ signal }) => client.repos({ limit: 200 }, { signal }),
})
