import type { Client } from "@twolane/client"
import type { Task, TurnStatus } from "@twolane/protocol"

const perPage = 200
const newestPerPage = 50
/** Far more than run at once, or than a person answers. */
const mostPages = 10

/** Loads the open tasks: those that run or need a person, and the first of those that wait. @throws ClientProblem, Unreachable */
export const loadOpenTasks = async (client: Client, signal: AbortSignal): Promise<Task[]> => {
  const lists = await Promise.all([
    loadAll(client, "waiting", signal),
    loadAll(client, "running", signal),
    loadAll(client, "canceling", signal),
    loadWaiting(client, signal),
  ])
  return lists.flat()
}

const loadAll = async (client: Client, status: TurnStatus, signal: AbortSignal): Promise<Task[]> => {
  const tasks: Task[] = []
  let cursor: string | null = ""
  for (let page = 0; page < mostPages && cursor !== null; page += 1) {
    const query = { status, limit: perPage, ...(cursor === "" ? {} : { cursor }) }
    const { items, nextCursor } = await client.tasks(query, { signal })
    tasks.push(...items)
    cursor = nextCursor
  }
  return tasks
}

/**
 * Loads the first of those that wait in each lane, with their places as they are now, and the newest of all, among which are turns that
 * wait for others of their own task. @throws ClientProblem, Unreachable
 */
export const loadWaiting = async (client: Client, signal: AbortSignal): Promise<Task[]> => {
  const pages = await Promise.all([
    client.waiting("fast", { limit: perPage }, { signal }),
    client.waiting("deep", { limit: perPage }, { signal }),
    client.tasks({ status: "queued", limit: newestPerPage }, { signal }),
  ])
  return pages.flatMap(({ items }) => items)
}
