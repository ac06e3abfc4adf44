import { useCallback, useRef, useSyncExternalStore } from "react"

/** A value that is shared by views: read, replaced as a whole, listened to. */
export type Store<Value> = {
  get: () => Value
  set: (next: Value) => void
  /** Answers how to stop listening. */
  subscribe: (listener: () => void) => () => void
}

/** Makes a store. Setting the same value tells nobody. */
export const createStore = <Value>(first: Value): Store<Value> => {
  let value = first
  const listeners = new Set<() => void>()
  return {
    get: () => value,
    set: next => {
      if (Object.is(next, value)) return
      value = next
      for (const listener of listeners) listener()
    },
    subscribe: listener => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}

/** What a view reads of a store. It renders again only when the selection is another one (`same`; identity by default). */
export const useSelected = <Value, Selection>(
  store: Pick<Store<Value>, "get" | "subscribe">,
  select: (value: Value) => Selection,
  same: (a: Selection, b: Selection) => boolean = Object.is,
): Selection => {
  const last = useRef<{ selection: Selection } | null>(null)
  const read = useCallback(() => {
    const selection = select(store.get())
    if (last.current === null || !same(last.current.selection, selection)) last.current = { selection }
    return last.current.selection
  }, [store, select, same])
  return useSyncExternalStore(store.subscribe, read, read)
}

/** The whole value of a store. */
export const useStore = <Value>(store: Pick<Store<Value>, "get" | "subscribe">): Value =>
  useSyncExternalStore(store.subscribe, store.get, store.get)
