import { branchOf, endTurn, type NewEvent, newId, system, type TaskState } from "@twolane/protocol"
import { type NewTask, openStore, type Store, type StoreOptions } from "@twolane/store"
import { promptOf } from "../floors/raw-queue.ts"

/** The team of everything that the bench makes. */
export const team = "default"

/** Opens the product's store on a private Redis. */
export const openBenchStore = (url: string, more: Partial<StoreOptions> = {}): Promise<Store> =>
  openStore({
    url,
    secretKey: Buffer.alloc(32, 7).toString("base64url"),
    onError: (error, where) => console.error(`store: ${where}:`, error),
    ...more,
  })

/** A task as the gateway would write it: two events, one turn that waits for the deep lane. */
export const newTask = (index: number, at: number, repo = "bench"): NewTask => {
  const task = newId("task")
  const turn = newId("turn")
  const prompt = promptOf(index)
  const created: NewEvent = {
    type: "task.created",
    team,
    repo,
    title: prompt.slice(0, 60),
    prompt,
    by: system,
    origin: "api",
    labels: [],
    priority: "normal",
    base: null,
    baseAtSubmit: null,
    turn: null,
    at,
  }
  const queued: NewEvent = {
    type: "turn.queued",
    lane: "deep",
    position: null,
    reason: "waits for a deep worker",
    prompt,
    by: system,
    options: {},
    turn,
    at,
  }
  return { team, task, events: [created, queued] }
}

/** What a no-op engine writes: the turn has succeeded. */
export const endWell = (state: TaskState, turn: string, at: number): NewEvent[] =>
  endTurn(state, turn, { status: "succeeded", detail: branchOf(state.id) }, at)

/** What a worker writes once it has proved that nothing of a canceled turn runs. */
export const endCanceled = (state: TaskState, turn: string, at: number): NewEvent[] => [
  { type: "cancel.confirmed", ms: 0, killed: 0, proof: "worker", turn, at },
  ...endTurn(state, turn, { status: "canceled", by: system }, at),
]
