import type { Task, TaskEvent } from "@twolane/protocol"
import type { Answer, House } from "../house.ts"
import type { TempRepo } from "../repo.ts"

/** Registers a repo by its path. */
export const register = async (house: House, name: string, repo: Pick<TempRepo, "path">): Promise<void> => {
  wanted(201, await house.call("POST", "/v1/repos", { name, source: repo.path }))
}

/** Submits a deep task; answers it as it was accepted. */
export const submit = async (house: House, request: Record<string, unknown>): Promise<Task> =>
  wanted(202, await house.call("POST", "/v1/tasks", { lane: "deep", ...request })) as Task

const wanted = (status: number, answer: Answer): unknown => {
  if (answer.status === status) return answer.body
  throw new Error(`answered ${answer.status} in place of ${status}: ${answer.text}`)
}

/** A task as it is now. */
export const getTask = async (house: House, task: string): Promise<Task> =>
  (await house.call("GET", `/v1/tasks/${task}`)).body as Task

/** The newest of a task's log as everybody sees it, oldest first, at most 200 events. */
export const logOf = async (house: House, task: string): Promise<TaskEvent[]> =>
  ((await house.call("GET", `/v1/tasks/${task}/events?limit=200`)).body as { items: TaskEvent[] }).items

const fitsWithinMs = 60_000

/** Asks again every few ms until the task fits; only for what its own stream does not tell. */
export const untilTask = async (house: House, task: string, fits: (task: Task) => boolean): Promise<Task> => {
  for (const until = performance.now() + fitsWithinMs; performance.now() < until; ) {
    const found = await getTask(house, task)
    if (fits(found)) return found
    await new Promise(resolve => setTimeout(resolve, 30))
  }
  throw new Error(`the task never fitted: ${JSON.stringify(await getTask(house, task))}`)
}
