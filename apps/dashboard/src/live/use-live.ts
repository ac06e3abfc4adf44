import type { Task } from "@twolane/protocol"
import { createContext, useContext } from "react"
import { useSelected, useStore } from "../store.ts"
import type { Live, LiveState } from "./live.ts"
import type { Tasks } from "./task-table.ts"

/** Provided by the shell once somebody is signed in. */
export const LiveContext = createContext<Live | null>(null)

/** The page's one source of live tasks and events. */
export const useLive = (): Live => {
  const live = useContext(LiveContext)
  if (live === null) throw new Error("a view outside of the shell has no live source")
  return live
}

/** What a view reads of all tasks; it renders again when the selection changed. */
export const useTasks = <Selection>(
  select: (tasks: Tasks) => Selection,
  same?: (a: Selection, b: Selection) => boolean,
): Selection => useSelected(useLive().tasks, select, same)

/** One task as the page knows it now; undefined when it was not loaded. */
export const useTask = (id: string): Task | undefined => useTasks(tasks => tasks.find(id))

/** How the page hears from the gateway. */
export const useConnection = (): LiveState => useStore(useLive().connection)
