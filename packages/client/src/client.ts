import { createApi } from "./api.ts"
import { accessCalls } from "./calls-access.ts"
import { chatCalls } from "./calls-chat.ts"
import { spendCalls } from "./calls-spend.ts"
import { type TaskInput, type TurnInput, taskCalls } from "./calls-tasks.ts"
import { teamCalls } from "./calls-team.ts"
import { webhookCalls } from "./calls-webhooks.ts"
import { type FollowOptions, followTask, followTeam } from "./follow.ts"
import { type LiveOptions, makeLive } from "./live/live.ts"
import { type RunOptions, runTask } from "./run.ts"
import { type StreamOptions, streamTurn } from "./stream-turn.ts"
import { type ClientOptions, createTransport } from "./transport.ts"

/** Everything that a gateway does for its callers. */
export type Client = ReturnType<typeof createClient>

/** Makes a client of one gateway; it holds nothing open. Works in Node and in browsers. */
export const createClient = (options: ClientOptions) => {
  const transport = createTransport(options)
  const api = createApi(transport)
  const calls = {
    ...taskCalls(api),
    ...teamCalls(api),
    ...spendCalls(api),
    ...accessCalls(api),
    ...webhookCalls(api),
    ...chatCalls(api),
  }
  const follow = (task: string, wish?: FollowOptions) => followTask(transport, task, wish)
  return {
    ...calls,
    follow,
    /** Submits a task and streams its first turn; live in the fast lane. */
    streamTask: (task: TaskInput, wish?: StreamOptions) =>
      streamTurn(transport, { path: "/v1/tasks", body: task }, wish),
    /** Adds a turn to a task and streams it; live in the fast lane. */
    streamTurn: (task: string, turn: TurnInput, wish?: StreamOptions) =>
      streamTurn(transport, { path: `/v1/tasks/${encodeURIComponent(task)}/turns`, body: turn }, wish),
    /** One socket for an interactive client: several tasks at once, live. It is open while it is used; the signal closes it. */
    live: (wish: LiveOptions, signal: AbortSignal) => makeLive(transport, wish, signal),
    followTeam: (wish?: Omit<FollowOptions, "forever">) => followTeam(transport, wish),
    run: (task: TaskInput, wish?: RunOptions) => runTask({ submit: calls.submit, follow }, task, wish),
  }
}
