import { useQuery } from "@tanstack/react-query"
import { useEffect, useState } from "react"
import { client } from "../../client.ts"
import { useLive } from "../../live/use-live.ts"

/** Those that a task can wait for: what has ended can't be waited for. */
const open = ["running", "waiting", "queued"] as const
const mostShown = 8
const typingMs = 200

/** The open tasks that a text finds in their titles and prompts, or by their id, those at work first; all without a text. */
export const useFoundTasks = (text: string): { ids: readonly string[]; loading: boolean } => {
  const q = useSettled(text.trim())
  const live = useLive()
  const { data, isFetching } = useQuery({
    queryKey: ["open-tasks", q],
    queryFn: async ({ signal }) => {
      const query = { limit: mostShown, ...(q === "" ? {} : { q }) }
      const pages = await Promise.all(open.map(status => client.tasks({ ...query, status }, { signal })))
      const tasks = pages.flatMap(({ items }) => items)
      live.learn(tasks)
      return tasks.map(({ id }) => id)
    },
    staleTime: 5_000,
    placeholderData: before => before,
  })
  return { ids: data ?? [], loading: isFetching || q !== text.trim() }
}

/** A text once nothing was typed for a moment. */
const useSettled = (text: string): string => {
  const [settled, setSettled] = useState(text)
  useEffect(() => {
    const timer = setTimeout(() => setSettled(text), typingMs)
    return () => clearTimeout(timer)
  }, [text])
  return settled
}
