import { useEffect } from "react"

/** Names the view in the browser's tab. */
export const useTitle = (title: string): void => {
  useEffect(() => {
    document.title = `${title} · Twolane`
  }, [title])
}
