import { createApi } from "./api.ts"
import { type TaskInput, taskCalls } from "./calls-tasks.ts"
import { teamCalls } from "./calls-team.ts"
import { type FollowOptions, followTask, followTeam } from "./follow.ts"
import { type RunOptions, runTask } from "./run.ts"
import { type ClientOptions, createTransport } from "./transport.ts"

/** Everything that a gateway does for its callers. */
export type Client = ReturnType<typeof createClient>

/** Makes a client of one gateway; it holds nothing open. Works in Node and in browsers. */
export const createClient = (options: ClientOptions) => {
  const transport = createTransport(options)
  const api = createApi(transport)
  const calls = { ...taskCalls(api), ...teamCalls(api) }
  const follow = (task: string, wish?: FollowOptions) => followTask(transport, task, wish)
  return {
    ...calls,
    follow,
    followTeam: (wish?: Omit<FollowOptions, "forever">) => followTeam(transport, wish),
    run: (task: TaskInput, wish?: RunOptions) => runTask({ submit: calls.submit, follow }, task, wish),
  }
}
