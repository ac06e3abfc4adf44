import type { Client } from "@twolane/client"
import type { Page, Task } from "@twolane/protocol"

/** How many of a lane's line, of a status, and of the newest tasks are loaded at a time. */
export const perPage = { line: 100, status: 200, newest: 50 } as const

/** Far more than run at once, or than a person answers. */
const mostPages = 10

/** The open tasks that are seen first: those that run or need a person. @throws ClientProblem, Unreachable */
export const loadFirstTasks = async (client: Client): Promise<Task[]> => {
  const pages = await Promise.all([
    client.tasks({ status: "running", limit: perPage.status }),
    client.tasks({ status: "waiting", limit: perPage.status }),
  ])
  return pages.flatMap(({ items }) => items)
}

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

const loadAll = async (
  client: Client,
  status: "waiting" | "running" | "canceling",
  signal: AbortSignal,
): Promise<Task[]> => {
  const tasks: Task[] = []
  let cursor: string | null = ""
  for (let pages = 0; pages < mostPages && cursor !== null; pages += 1) {
    const query = { status, limit: perPage.status, ...(cursor === "" ? {} : { cursor }) }
    const page: Page<Task> = await client.tasks(query, { signal })
    tasks.push(...page.items)
    cursor = page.nextCursor
  }
  return tasks
}

/**
 * Loads the first of those that wait in each lane, with their places as they are now, and the newest of all, among which are turns that
 * wait for others of their own task. @throws ClientProblem, Unreachable
 */
export const loadWaiting = async (client: Client, signal: AbortSignal): Promise<Task[]> => {
  const pages = await Promise.all([
    client.waiting("fast", { limit: perPage.line }, { signal }),
    client.waiting("deep", { limit: perPage.line }, { signal }),
    client.tasks({ status: "queued", limit: perPage.newest }, { signal }),
  ])
  return pages.flatMap(({ items }) => items)
}
