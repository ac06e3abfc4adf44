import type { DiskView, Gate, Lane, Page, QueueView, Repo, Task, WorkerView } from "@twolane/protocol"
import {
  type Api,
  act,
  type BodyOf,
  bodyOf,
  type CallOptions,
  doneOf,
  type EffectOptions,
  read,
} from "./api.ts"
import type { paths } from "./openapi.generated.d.ts"

/** A repo to register. */
export type RepoInput = BodyOf<"/v1/repos">
/** Which repository at GitHub a repo is. */
export type GithubLinkInput = BodyOf<"/v1/repos/{name}/github", "put">
/** How its source knows us. */
export type CredentialInput = BodyOf<"/v1/repos/{name}/credential", "put">
/** What a person says at a gate. */
export type GateInput = BodyOf<"/v1/tasks/{id}/gates/{gate}">
/** What of the queue is paused or resumed. */
export type QueuePart = BodyOf<"/v1/queue/pause">
/** What changes of the deep lane's limits. */
export type QueueLimitsInput = BodyOf<"/v1/queue/limits">
/** Which page of a list. */
export type PageQuery = { limit?: number; cursor?: string }
type Answer<Path extends "/v1/kpis" | "/readyz"> =
  paths[Path]["get"]["responses"][200]["content"]["application/json"]
/** Measured KPIs over a window. */
export type Kpis = Answer<"/v1/kpis">
/** Whether the gateway can take tasks, and what is still missing. */
export type Readiness = Answer<"/readyz">
/** Which KPIs. */
export type KpiQuery = NonNullable<paths["/v1/kpis"]["get"]["parameters"]["query"]>

/** Calls about what a team shares: repos, gates, the queue. All throw `ClientProblem` and `Unreachable`. */
export const teamCalls = (api: Api) => ({
  registerRepo: (repo: RepoInput, options?: EffectOptions): Promise<Repo> =>
    bodyOf(api.POST("/v1/repos", { body: repo, ...act(options) })),
  repos: (query: PageQuery = {}, options?: CallOptions): Promise<Page<Repo>> =>
    bodyOf(api.GET("/v1/repos", { params: { query }, ...read(options) })),
  repo: (name: string, options?: CallOptions): Promise<Repo> =>
    bodyOf(api.GET("/v1/repos/{name}", { params: { path: { name } }, ...read(options) })),
  removeRepo: (name: string, options?: CallOptions): Promise<void> =>
    doneOf(api.DELETE("/v1/repos/{name}", { params: { path: { name } }, ...read(options) })),
  setCredential: (name: string, credential: CredentialInput, options?: CallOptions): Promise<void> =>
    doneOf(
      api.PUT("/v1/repos/{name}/credential", {
        params: { path: { name } },
        body: credential,
        ...read(options),
      }),
    ),
  removeCredential: (name: string, options?: CallOptions): Promise<void> =>
    doneOf(api.DELETE("/v1/repos/{name}/credential", { params: { path: { name } }, ...read(options) })),
  linkGithub: (name: string, link: GithubLinkInput, options?: CallOptions): Promise<Repo> =>
    bodyOf(api.PUT("/v1/repos/{name}/github", { params: { path: { name } }, body: link, ...read(options) })),
  unlinkGithub: (name: string, options?: CallOptions): Promise<void> =>
    doneOf(api.DELETE("/v1/repos/{name}/github", { params: { path: { name } }, ...read(options) })),
  setSecret: (name: string, key: string, value: string, options?: CallOptions): Promise<void> =>
    doneOf(
      api.PUT("/v1/repos/{name}/secrets/{key}", {
        params: { path: { name, key } },
        body: { value },
        ...read(options),
      }),
    ),
  removeSecret: (name: string, key: string, options?: CallOptions): Promise<void> =>
    doneOf(
      api.DELETE("/v1/repos/{name}/secrets/{key}", { params: { path: { name, key } }, ...read(options) }),
    ),
  /** What each repo takes on each machine. */
  disk: (options?: CallOptions): Promise<DiskView> => bodyOf(api.GET("/v1/disk", read(options))),
  /** Tidies a repo on every machine; done where its `reclaimedAt` has come to `requestedAt`. */
  reclaimDisk: (repo: string, options?: EffectOptions): Promise<{ repo: string; requestedAt: number }> =>
    bodyOf(api.POST("/v1/disk/reclaim", { body: { repo }, ...act(options) })),
  gates: (query: PageQuery = {}, options?: CallOptions): Promise<Page<Gate>> =>
    bodyOf(api.GET("/v1/gates", { params: { query }, ...read(options) })) as Promise<Page<Gate>>,
  decideGate: (task: string, gate: string, decision: GateInput, options?: EffectOptions): Promise<Task> =>
    bodyOf(
      api.POST("/v1/tasks/{id}/gates/{gate}", {
        params: { path: { id: task, gate } },
        body: decision,
        ...act(options),
      }),
    ),
  /** What waits in a lane, in the order in which it is picked. The line moves on between two pages. */
  waiting: (lane: Lane, query: PageQuery = {}, options?: CallOptions): Promise<Page<Task>> =>
    bodyOf(api.GET("/v1/queue/{lane}/waiting", { params: { path: { lane }, query }, ...read(options) })),
  queue: (options?: CallOptions): Promise<QueueView> => bodyOf(api.GET("/v1/queue", read(options))),
  /** Both lanes, or one; with a repo no more than its turns. */
  pauseQueue: (of: QueuePart = {}, options?: EffectOptions): Promise<QueueView> =>
    bodyOf(api.POST("/v1/queue/pause", { body: of, ...act(options) })),
  resumeQueue: (of: QueuePart = {}, options?: EffectOptions): Promise<QueueView> =>
    bodyOf(api.POST("/v1/queue/resume", { body: of, ...act(options) })),
  /** What the change does not name stays, and null takes a limit away. */
  limitQueue: (change: QueueLimitsInput, options?: EffectOptions): Promise<QueueView> =>
    bodyOf(api.POST("/v1/queue/limits", { body: change, ...act(options) })),
  workers: (options?: CallOptions): Promise<Page<WorkerView>> =>
    bodyOf(api.GET("/v1/workers", read(options))),
  /** What it has goes on; answers when it has said so. It holds as long as that process runs. */
  drainWorker: (worker: string, options?: EffectOptions): Promise<WorkerView> =>
    bodyOf(
      api.POST("/v1/workers/{worker}/drain", { params: { path: { worker } }, body: {}, ...act(options) }),
    ),
  resumeWorker: (worker: string, options?: EffectOptions): Promise<WorkerView> =>
    bodyOf(
      api.POST("/v1/workers/{worker}/resume", { params: { path: { worker } }, body: {}, ...act(options) }),
    ),
  kpis: (query: KpiQuery = {}, options?: CallOptions): Promise<Kpis> =>
    bodyOf(api.GET("/v1/kpis", { params: { query }, ...read(options) })),
  /** Also answers while the gateway is not ready. */
  readiness: async (options?: CallOptions): Promise<Readiness> => {
    const { data, error } = await api.GET("/readyz", read(options))
    return (data ?? error) as Readiness
  },
})
