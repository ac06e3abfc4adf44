import type { FileChange, Group, Hindsight, Page, Problem, Task, TaskEvent } from "@twolane/protocol"
import { type Api, act, type BodyOf, bodyOf, type CallOptions, type EffectOptions, read } from "./api.ts"
import type { paths } from "./openapi.generated.d.ts"

/** A request for a task; what has a default may be left out. */
export type TaskInput = BodyOf<"/v1/tasks">
/** One of a batch. */
export type BatchInput = Omit<TaskInput, "candidates"> & { idempotencyKey?: string }
/** A further turn. */
export type TurnInput = BodyOf<"/v1/tasks/{id}/turns">
/** A note for a running turn. */
export type SteerInput = BodyOf<"/v1/tasks/{id}/steer">
type AcceptInput = BodyOf<"/v1/tasks/{id}/accept">
type RetryInput = Required<BodyOf<"/v1/tasks/{id}/retry">>
/** Which tasks to list. */
export type TaskQuery = NonNullable<paths["/v1/tasks"]["get"]["parameters"]["query"]>

/** Which tasks to count. */
export type CountQuery = NonNullable<paths["/v1/tasks/counts"]["get"]["parameters"]["query"]>
/** How many tasks stand in each status. */
export type TaskCounts = paths["/v1/tasks/counts"]["get"]["responses"][200]["content"]["application/json"]
/** Which past tasks to look back at. */
export type HindsightQuery = NonNullable<paths["/v1/hindsight"]["get"]["parameters"]["query"]>

/** The task of an answer that is an event stream for those alone who ask for one; we don't here. */
const taskOf = (answer: Parameters<typeof bodyOf<Task | string>>[0]): Promise<Task> =>
  bodyOf(answer) as Promise<Task>

/** Calls about tasks, their turns and their changes. All throw `ClientProblem` and `Unreachable`. */
export const taskCalls = (api: Api) => ({
  /** A fast task is answered when its turn has ended; `streamTask` gives its events as they happen. */
  submit: (task: TaskInput, options?: EffectOptions): Promise<Task> =>
    taskOf(api.POST("/v1/tasks", { body: task, ...act(options) })),
  submitBatch: (
    tasks: readonly BatchInput[],
    options?: EffectOptions,
  ): Promise<{ items: (Task | Problem)[] }> =>
    bodyOf(api.POST("/v1/tasks/batch", { body: { tasks: [...tasks] }, ...act(options) })),
  /** Cancels up to 500 tasks; each is answered as it stands then, or with the problem that it alone has. */
  cancelMany: (
    tasks: readonly string[],
    reason?: string,
    options?: EffectOptions,
  ): Promise<{ items: (Pick<Task, "id" | "status"> | Problem)[] }> =>
    bodyOf(
      api.POST("/v1/tasks/cancel", {
        body: { tasks: [...tasks], ...(reason === undefined ? {} : { reason }) },
        ...act(options),
      }),
    ),
  tasks: (query: TaskQuery = {}, options?: CallOptions): Promise<Page<Task>> =>
    bodyOf(api.GET("/v1/tasks", { params: { query }, ...read(options) })),
  /** How many tasks stand in each status, of those that the filter leaves. */
  taskCounts: (query: CountQuery = {}, options?: CallOptions): Promise<TaskCounts> =>
    bodyOf(api.GET("/v1/tasks/counts", { params: { query }, ...read(options) })),
  /** Which lane past tasks should have taken, newest first; by default those that succeeded. */
  hindsight: (query: HindsightQuery = {}, options?: CallOptions): Promise<Page<Hindsight>> =>
    bodyOf(api.GET("/v1/hindsight", { params: { query }, ...read(options) })),
  task: (id: string, options?: CallOptions): Promise<Task> =>
    bodyOf(api.GET("/v1/tasks/{id}", { params: { path: { id } }, ...read(options) })),
  /** The candidates of a request beside each other, best first; `group` is the `group.id` of their tasks. */
  group: (id: string, options?: CallOptions): Promise<Group> =>
    bodyOf(api.GET("/v1/groups/{id}", { params: { path: { id } }, ...read(options) })),
  /** Cancels all candidates that are open. */
  cancelGroup: (id: string, reason?: string, options?: EffectOptions): Promise<Group> =>
    bodyOf(
      api.POST("/v1/groups/{id}/cancel", {
        params: { path: { id } },
        body: reason === undefined ? {} : { reason },
        ...act(options),
      }),
    ),
  /** A page of the log, oldest first; `nextCursor` is null after the last one. */
  events: (
    id: string,
    query: { after?: string; limit?: number } = {},
    options?: CallOptions,
  ): Promise<Page<TaskEvent>> =>
    bodyOf(
      api.GET("/v1/tasks/{id}/events", { params: { path: { id }, query }, ...read(options) }),
    ) as Promise<Page<TaskEvent>>,
  /** A fast turn is answered when it has ended; `streamTurn` gives its events as they happen. */
  addTurn: (id: string, turn: TurnInput, options?: EffectOptions): Promise<Task> =>
    taskOf(api.POST("/v1/tasks/{id}/turns", { params: { path: { id } }, body: turn, ...act(options) })),
  steer: (id: string, note: SteerInput, options?: EffectOptions): Promise<{ steer: string }> =>
    bodyOf(api.POST("/v1/tasks/{id}/steer", { params: { path: { id } }, body: note, ...act(options) })),
  interrupt: (id: string, options?: EffectOptions): Promise<Task> =>
    bodyOf(api.POST("/v1/tasks/{id}/interrupt", { params: { path: { id } }, body: {}, ...act(options) })),
  cancel: (id: string, reason?: string, options?: EffectOptions): Promise<Task> =>
    bodyOf(
      api.POST("/v1/tasks/{id}/cancel", {
        params: { path: { id } },
        body: reason === undefined ? {} : { reason },
        ...act(options),
      }),
    ),
  /** Goes back one checkpoint. */
  undo: (id: string, options?: EffectOptions): Promise<Task> =>
    bodyOf(api.POST("/v1/tasks/{id}/undo", { params: { path: { id } }, body: {}, ...act(options) })),
  retry: (id: string, from: RetryInput["from"] = "checkpoint", options?: EffectOptions): Promise<Task> =>
    bodyOf(api.POST("/v1/tasks/{id}/retry", { params: { path: { id } }, body: { from }, ...act(options) })),
  /** The change as a patch; empty without one. */
  diff: async (id: string, from: "base" | "turn" = "base", options?: CallOptions): Promise<string> => {
    const answer = api.GET("/v1/tasks/{id}/diff", {
      params: { path: { id }, query: { from } },
      headers: { accept: "text/x-diff" },
      parseAs: "text",
      ...read(options),
    })
    // An empty body is no body to the fetch below.
    const text: string | undefined = await bodyOf(answer)
    return text ?? ""
  },
  /** The change file by file. */
  diffFiles: (
    id: string,
    from: "base" | "turn" = "base",
    options?: CallOptions,
  ): Promise<{ files: (FileChange & { patch: string })[] }> =>
    bodyOf(
      api.GET("/v1/tasks/{id}/diff", {
        params: { path: { id }, query: { from } },
        headers: { accept: "application/json" },
        ...read(options),
      }),
    ) as Promise<{ files: (FileChange & { patch: string })[] }>,
  /** With the `reviewHead` of the task that was looked at as `head`, nothing else is delivered. */
  accept: (
    id: string,
    how: NonNullable<AcceptInput["how"]> = "push",
    { head, ...options }: EffectOptions & { head?: string | undefined } = {},
  ): Promise<Task> =>
    bodyOf(
      api.POST("/v1/tasks/{id}/accept", {
        params: { path: { id } },
        body: { how, ...(head === undefined ? {} : { head }) },
        ...act(options),
      }),
    ),
  discard: (id: string, options?: EffectOptions): Promise<Task> =>
    bodyOf(api.POST("/v1/tasks/{id}/discard", { params: { path: { id } }, body: {}, ...act(options) })),
})
