import type { Me } from "./access.ts"
import type { Page, QueueView, Repo, Task, WorkerView } from "./resources.ts"

/** The `id` of the data block in which the gateway hands the page what it shows first. */
export const firstLookId = "first-look"

/** What the queue shows before anybody scrolls: each part as its own route answers it, of the long lists only what is in sight. */
export type QueueLook = {
  lanes: QueueView
  workers: Page<WorkerView>
  repos: Page<Repo>
  running: Page<Task>
  /** At a gate. */
  waiting: Page<Task>
  lines: { fast: Page<Task>; deep: Page<Task> }
  /** However they stand, newest first. */
  newest: Page<Task>
}

/** What comes with the page itself for somebody who is signed in, so that the first view asks for nothing. */
export type FirstLook = {
  me: Me
  /** Only where the queue is looked at. */
  queue: QueueLook | null
}
