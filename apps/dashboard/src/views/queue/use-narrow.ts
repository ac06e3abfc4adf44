import { useSyncExternalStore } from "react"

const query = window.matchMedia("(max-width: 48rem)")

/** Whether a row has to stand on two lines. */
export const useNarrow = (): boolean =>
  useSyncExternalStore(
    listener => {
      query.addEventListener("change", listener)
      return () => query.removeEventListener("change", listener)
    },
    () => query.matches,
  )
