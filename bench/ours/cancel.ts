import type { House } from "@twolane/testkit"
import type { LoadClient } from "../http-load.ts"
import { countMarked } from "../survivors.ts"
import { benchRepo } from "./house.ts"
import { watchTask } from "./watch-task.ts"

/** One cancel: ms from the request to `cancel.confirmed` at a client, and how many processes were left then. */
export type Canceled = { tookMs: number; reportedMs: number; survivors: number }

/** Submits a task whose model runs a marked tree of processes, cancels it once that runs, and looks what is left. */
export const cancelOnce = async (
  house: House,
  load: LoadClient,
  mark: string,
  signal: AbortSignal,
): Promise<Canceled> => {
  const made = await house.call("POST", "/v1/tasks", {
    repo: benchRepo,
    lane: "deep",
    prompt: mark,
    test: "none",
  })
  if (made.status !== 202) throw new Error(`the task was refused: ${made.text}`)
  const { id } = made.body as { id: string }
  using watched = await watchTask(house, id, signal)
  await watched.until(event => event.type === "tool.delta" && event.text.includes("ready"))
  const headers = { authorization: `Bearer ${house.apiKey}` }
  const startedAt = performance.now()
  const confirmed = watched.until(event => event.type === "cancel.confirmed" || event.type === "turn.ended")
  const status = await load.post({ path: `/v1/tasks/${id}/cancel`, headers, body: "{}" })
  const event = await confirmed
  const tookMs = performance.now() - startedAt
  const survivors = countMarked(mark)
  if (status !== 202) throw new Error(`the cancel was refused with ${status}`)
  if (event.type !== "cancel.confirmed") throw new Error(`the turn ended otherwise: ${JSON.stringify(event)}`)
  await watched.until(each => each.type === "turn.ended")
  return { tookMs, reportedMs: event.ms, survivors }
}
