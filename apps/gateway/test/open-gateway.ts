import { randomBytes } from "node:crypto"
import { hostname } from "node:os"
import { join } from "node:path"
import { createLogger, fleetTls, readConfig } from "@twolane/common"
import type { TaskEvent } from "@twolane/protocol"
import {
  type Attempt,
  openShelf,
  openStore,
  type RunTurn,
  type Store,
  type WorkerHandle,
} from "@twolane/store"
import { makeRepo, makeTempFolder, type PrivateRedis, startRedis, type TempRepo } from "@twolane/testkit"
import { operatorEnv } from "@twolane/workspace"
import { type GatewayOptions, type RunningGateway, startGateway } from "../src/index.ts"

export const apiKey = "tl_test_0123456789abcdef"

/** An answer, its body parsed when it is JSON. */
export type Answer = { status: number; headers: Headers; body: unknown; text: string }
export type Call = (
  method: string,
  path: string,
  body?: unknown,
  headers?: Record<string, string>,
) => Promise<Answer>

/** A gateway over a private Redis, with one registered repo, `shop`. */
export type OpenGateway = AsyncDisposable & {
  url: string
  call: Call
  store: Store
  redis: PrivateRedis
  source: TempRepo
  dataDir: string
  /** Lines of the log. */
  log: string[]
  /** A real worker with a turn of the test's own. */
  work(run: RunTurn, capacity?: number): Promise<WorkerHandle>
  /** Submits a plain task; answers its id and its turn's. */
  submit(more?: Record<string, unknown>): Promise<{ id: string; turn: string }>
  types(task: string): Promise<string[]>
  /** Ends the gateway, and leaves Redis to the rest. */
  stop(): Promise<void>
  /** Starts another gateway over the same store, which the caller ends. */
  start(): Promise<RunningGateway>
}

type Options = {
  env?: Record<string, string>
  files?: Record<string, string>
  timing?: { heartbeatMs: number; stallMs: number }
  platforms?: GatewayOptions["platforms"]
}

export const openGateway = async (options: Options = {}): Promise<OpenGateway> => {
  const folder = await makeTempFolder("twl-gateway-")
  const redis = await startRedis()
  const source = await makeRepo({
    files: { "sum.js": "export const sum = (a, b) => a - b\n", ...options.files },
  })
  const config = readConfig({
    TWOLANE_DATA_DIR: folder.path,
    TWOLANE_PORT: "0",
    REDIS_URL: redis.url,
    LOG_LEVEL: "debug",
    TWOLANE_ARCHIVE: join(folder.path, "archive"),
    ...options.env,
  })
  const log: string[] = []
  const destination = { write: (line: string) => void log.push(line) }
  const secretKey = randomBytes(32).toString("base64url")
  const store = await openStore({
    url: redis.url,
    secretKey,
    archive: openShelf(config.history),
    onError: (error, where) => void log.push(`${where}: ${String(error)}`),
  })
  const upkeep = store.startUpkeep()
  const start = () =>
    startGateway({
      config,
      apiKey,
      fleetTls: fleetTls(secretKey),
      store,
      log: createLogger({ part: "gateway", level: "debug", destination }),
      host: hostname(),
      pageFolder: join(folder.path, "page"),
      operatorEnv: operatorEnv(),
      ...(options.timing === undefined ? {} : { timing: options.timing }),
      ...(options.platforms === undefined ? {} : { platforms: options.platforms }),
    })
  const gateway = await start()
  const call = callTo(gateway.url)
  const registered = await call("POST", "/v1/repos", { name: "shop", source: source.path })
  if (registered.status !== 201) throw new Error(registered.text)
  const workers: WorkerHandle[] = []
  let stopped = false
  const stop = async () => {
    if (stopped) return
    stopped = true
    await gateway[Symbol.asyncDispose]()
  }
  return {
    url: gateway.url,
    call,
    store,
    redis,
    source,
    dataDir: folder.path,
    log,
    stop,
    start,
    work: async (run, capacity = 4) => {
      const worker = await store.startWorker({
        lane: "deep",
        id: `worker_${workers.length}`,
        capacity,
        version: "test",
        sandbox: "none",
        host: hostname(),
        started: () => ({ model: "test", engine: "builtin" }),
        holding: () => null,
        run,
        deliver: async () => ({ ok: false, code: "publish-failed", detail: "this worker delivers nothing" }),
      })
      workers.push(worker)
      return worker
    },
    submit: async more => {
      const { body, status, text } = await call("POST", "/v1/tasks", {
        repo: "shop",
        prompt: "mend sum",
        ...more,
      })
      if (status !== 202) throw new Error(text)
      const task = body as { id: string; turns: { id: string }[] }
      return { id: task.id, turn: task.turns[0]?.id ?? "" }
    },
    types: async task => {
      const { body } = await call("GET", `/v1/tasks/${task}/events?limit=200`)
      return (body as { items: TaskEvent[] }).items.map(event => event.type)
    },
    [Symbol.asyncDispose]: async () => {
      for (const worker of workers) await worker[Symbol.asyncDispose]()
      await stop()
      await upkeep[Symbol.asyncDispose]()
      await store[Symbol.asyncDispose]()
      await redis.stop()
      await source[Symbol.asyncDispose]()
      await folder[Symbol.asyncDispose]()
    },
  }
}

const callTo =
  (url: string): Call =>
  async (method, path, body, headers = {}) => {
    const answer = await fetch(url + path, {
      method,
      ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
      headers: {
        authorization: `Bearer ${apiKey}`,
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        ...headers,
      },
    })
    const text = await answer.text()
    const json = /[/+]json\b/.test(answer.headers.get("content-type") ?? "")
    return { status: answer.status, headers: answer.headers, body: json ? JSON.parse(text) : text, text }
  }

/** A turn that says it runs, and goes on until something stops it, as a worker's does; it ends as it was told. */
export const untilStopped: RunTurn = async attempt => {
  if (!attempt.signal.aborted) await new Promise(resolve => attempt.signal.addEventListener("abort", resolve))
  const cause = attempt.signal.reason as { by: string; actor?: { key: string; name: string } }
  if (cause.by !== "user") return leave(attempt)
  await attempt.write((state, at) => [
    { type: "cancel.confirmed", ms: 1, killed: 0, proof: "worker", turn: attempt.turn, at },
    {
      type: "turn.ended",
      outcome: { status: "canceled", by: cause.actor ?? { key: "system", name: "Twolane" } },
      usage: state.usage,
      turn: attempt.turn,
      at,
    },
  ])
}

const leave = async (attempt: Attempt): Promise<void> => {
  if ((attempt.signal.reason as { by: string }).by !== "shutdown") return
  await attempt.write((state, at) => {
    const turn = state.turns.find(({ id }) => id === attempt.turn)
    if (turn === undefined) return []
    const { lane, prompt, by, options } = turn
    const again = { why: "shutdown" as const }
    return [
      {
        type: "turn.queued",
        lane,
        position: null,
        reason: "again",
        prompt,
        by,
        options,
        again,
        turn: turn.id,
        at,
      },
    ]
  })
}
