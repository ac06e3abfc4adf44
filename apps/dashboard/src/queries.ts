import { QueryClient, queryOptions } from "@tanstack/react-query"
import type { Page } from "@twolane/protocol"
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
export const silentEveryMs = 15_000

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

/** A list as a whole, page by page: for lists of what people made by hand. */
const whole = async <Item>(pageAt: (cursor?: string) => Promise<Page<Item>>): Promise<Page<Item>> => {
  const items: Item[] = []
  let cursor: string | null = null
  do {
    const page: Page<Item> = await pageAt(cursor ?? undefined)
    items.push(...page.items)
    cursor = page.nextCursor
  } while (cursor !== null)
  return { items, nextCursor: null }
}

const pageSize = 200

/** The repos of the team. */
export const repoList = queryOptions({
  queryKey: ["repos"],
  queryFn: ({ signal }) =>
    whole(cursor => client.repos({ limit: pageSize, ...(cursor !== undefined && { cursor }) }, { signal })),
})

/** The keys of the team, for its admins. */
export const keyList = queryOptions({
  queryKey: ["keys"],
  queryFn: ({ signal }) =>
    whole(cursor => client.keys({ limit: pageSize, ...(cursor !== undefined && { cursor }) }, { signal })),
})

/** What the team may spend this month, and has spent: turns that end move it, and no event tells. */
export const teamBudget = queryOptions({
  queryKey: ["budget"],
  queryFn: ({ signal }) => client.budget({}, { signal }),
  refetchInterval: silentEveryMs,
})

/** The webhooks of the team, for its admins; how their receivers do is no event. */
export const webhookList = queryOptions({
  queryKey: ["webhooks"],
  queryFn: ({ signal }) =>
    whole(cursor =>
      client.webhooks({ limit: pageSize, ...(cursor !== undefined && { cursor }) }, { signal }),
    ),
  refetchInterval: silentEveryMs,
})

/** What the repos take on the machines. */
export const diskUse = queryOptions({
  queryKey: ["disk"],
  queryFn: ({ signal }) => client.disk({ signal }),
})

/** What works on the same files as a task: other tasks' events make it so, and none of its own tells. */
export const overlapsOf = (task: string) =>
  queryOptions({
    queryKey: ["overlaps", task],
    queryFn: async ({ signal }) => (await client.task(task, { signal })).overlaps ?? [],
    refetchInterval: silentEveryMs,
  })
