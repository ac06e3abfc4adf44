import { useQueryClient } from "@tanstack/react-query"
import { useRouteContext } from "@tanstack/react-router"
import { useEffect } from "react"
import type { Live } from "../live/live.ts"
import { queueKey } from "../queries.ts"

/** The page's live source, listening while it is shown; what it finds old is loaded again where a view shows it. */
export const useStartedLive = (): Live => {
  const queries = useQueryClient()
  const { live } = useRouteContext({ from: "__root__" })
  useEffect(() => {
    const life = new AbortController()
    const forget = live.onStale(
      what => void queries.invalidateQueries(what === "queue" ? { queryKey: queueKey } : {}),
    )
    whenSeen(() => live.start(life.signal), life.signal)
    return () => {
      life.abort()
      forget()
    }
  }, [queries, live])
  return live
}

/** To listen is begun no later than this. */
const latestMs = 300

/** Once what was rendered is seen and the browser rests: to listen costs time that the first look would wait for. */
const whenSeen = (act: () => void, signal: AbortSignal): void => {
  const soon = () => void (signal.aborted || act())
  // Safari has no idle times.
  if ("requestIdleCallback" in window) requestIdleCallback(soon, { timeout: latestMs })
  else setTimeout(soon, latestMs)
}
