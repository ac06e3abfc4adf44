import { useSyncExternalStore } from "react"
import { createStore } from "../../store.ts"

const query = import.meta.env.SSR ? null : window.matchMedia("(max-width: 48rem)")

/** Where the queue is drawn without a window: whether the reader's is narrow. */
export const drawnNarrow = createStore(false)

const read = (): boolean => query?.matches ?? drawnNarrow.get()

/** Whether a row has to stand on two lines. */
export const useNarrow = (): boolean =>
  useSyncExternalStore(
    listener => {
      query?.addEventListener("change", listener)
      return () => query?.removeEventListener("change", listener)
    },
    read,
    read,
  )
