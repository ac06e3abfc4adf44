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
    afterPaint(() => live.start(life.signal), life.signal)
    return () => {
      life.abort()
      forget()
    }
  }, [queries, live])
  return live
}

/** Once what was rendered is seen: to listen costs time that the first look would wait for. A hidden page paints nothing. */
const afterPaint = (act: () => void, signal: AbortSignal): void => {
  const soon = () => setTimeout(() => signal.aborted || act())
  if (document.visibilityState === "hidden") soon()
  else requestAnimationFrame(soon)
}
