import { type Config, createMetrics, type FleetTls, type Logger, readPrices } from "@twolane/common"
import type { Traces } from "@twolane/common/trace/open-traces"
import { openGithub } from "@twolane/github"
import type { Store } from "@twolane/store"
import type { OperatorEnv } from "@twolane/workspace"
import { openAccess } from "./access/access.ts"
import { keepAttendance } from "./access/attendance.ts"
import { keepRefusals } from "./audit/refusals.ts"
import { openChat } from "./chat/chat.ts"
import { makeKnocker } from "./fast/knock.ts"
import { keepKnownTasks } from "./fast/known-tasks.ts"
import type { Gateway } from "./gateway.ts"
import { openGithubHooks } from "./github/hooks.ts"
import type { App } from "./http/app.ts"
import { createStreams, type StreamTiming, streamTiming } from "./http/streams.ts"
import type { Platform } from "./inbox/platform.ts"
import { workInbox } from "./inbox/work.ts"
import { keepArchive } from "./keep-archive.ts"
import { keepOverlaps } from "./overlap/overlaps.ts"
import { openRepos } from "./repos/repos.ts"
import { buildServer, listen } from "./server.ts"
import { startWebhooks } from "./webhooks/sender.ts"

/** What a gateway is made of. */
export type GatewayOptions = {
  config: Config
  /** The first admin key; only its hash is kept. */
  apiKey: string
  /** The GitHub App's private key, where the settings name an App. */
  githubKey?: string
  /** What it proves itself with to fast workers of other hosts. */
  fleetTls: FleetTls
  /** Whoever opened it closes it. */
  store: Store
  log: Logger
  /** Where spans of requests go; by default nowhere. Whoever opened it closes it. */
  traces?: Traces
  /** This machine's name. */
  host: string
  /** Where the built page lies. */
  pageFolder: string
  /** The operator's environment, of which git sees a named few variables. */
  operatorEnv: OperatorEnv
  /** Makes the platforms whose signed requests it takes; by default none. */
  platforms?: (gateway: Gateway) => readonly Platform[]
  /** For tests: a heartbeat that does not take seconds. */
  timing?: StreamTiming
}

/** A gateway that listens. Disposing it refuses new requests, ends its streams, and waits for what is being answered. */
export type RunningGateway = AsyncDisposable & { readonly url: string; readonly app: App }

/** How long requests may still be answered once the gateway stops; then their git work is ended. */
const drainMs = 8_000

/** Starts a gateway. */
export const startGateway = async (options: GatewayOptions): Promise<RunningGateway> => {
  const { config, store, log, host, operatorEnv } = options
  const stop = new AbortController()
  const end = new AbortController()
  const metrics = createMetrics()
  const streams = createStreams({ metrics, log }, options.timing ?? streamTiming, stop.signal)
  const { dataDir, repoRoots } = config
  const github = openGithub(config.github, options.githubKey ?? null)
  const repos = openRepos({ dataDir, repoRoots, operatorEnv, host, store, github, log, ending: end.signal })
  const access = openAccess({ store, apiKey: options.apiKey, log })
  const attendance = keepAttendance(
    caller => access.mayStay(caller),
    error => log.warn({ error }, "open streams go on unseen"),
  )
  const prices = readPrices(config.pricesPath)
  const refusals = keepRefusals((team, records) => store.audit.append(team, records), log)
  const knocker = makeKnocker({ host, tls: options.fleetTls, log })
  const known = keepKnownTasks(store)
  const gateway: Gateway = {
    config,
    store,
    repos,
    github,
    access,
    attendance,
    refusals,
    overlaps: keepOverlaps(store),
    log,
    metrics,
    prices,
    streams,
    stopping: stop.signal,
    ending: end.signal,
    host,
    knocker,
    known,
  }
  const chat = openChat(gateway)
  const hooks = openGithubHooks(gateway)
  const platforms = [...chat.platforms, ...hooks.platforms, ...(options.platforms?.(gateway) ?? [])]
  const { pageFolder, traces } = options
  const app = await buildServer(gateway, {
    pageFolder,
    platforms,
    ...(traces === undefined ? {} : { traces }),
  })
  const url = await listen(app, config)
  const webhooks = startWebhooks(gateway)
  const chatting = chat.start(app)
  const inbox = workInbox(gateway, [...platforms, ...hooks.works])
  const reporting = hooks.start()
  const archiving = keepArchive(gateway)
  return {
    url,
    app,
    [Symbol.asyncDispose]: async () => {
      stop.abort(shutdown)
      const timer = setTimeout(() => end.abort(shutdown), drainMs)
      const parts = [webhooks, inbox, chatting, reporting, archiving]
      await Promise.all([app.close(), ...parts.map(part => part[Symbol.asyncDispose]())])
      clearTimeout(timer)
      end.abort(shutdown)
      attendance[Symbol.dispose]()
      streams[Symbol.dispose]()
      knocker[Symbol.dispose]()
      known[Symbol.dispose]()
      await refusals[Symbol.asyncDispose]()
      await repos[Symbol.asyncDispose]()
    },
  }
}

const shutdown = { by: "shutdown" } as const
