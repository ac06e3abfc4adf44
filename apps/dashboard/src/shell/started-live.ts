import { useQueryClient } from "@tanstack/react-query"
import { useEffect, useState } from "react"
import { client } from "../client.ts"
import { createLive, type Live } from "../live/live.ts"
import { queueKey } from "../queries.ts"

/** The page's live source, listening while it is shown; what it finds old is loaded again where a view shows it. */
export const useStartedLive = (): Live => {
  const queries = useQueryClient()
  const [live] = useState(() => createLive(client))
  useEffect(() => {
    const life = new AbortController()
    const forget = live.onStale(
      what => void queries.invalidateQueries(what === "queue" ? { queryKey: queueKey } : {}),
    )
    live.start(life.signal)
    return () => {
      life.abort()
      forget()
    }
  }, [queries, live])
  return live
}
