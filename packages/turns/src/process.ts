import { hostname } from "node:os"
import { keepRates } from "@twolane/agent/model/keep-rates"
import {
  type Config,
  ConfigError,
  createLogger,
  type FleetTls,
  fleetTls,
  historySecrets,
  type LaneModel,
  type Logger,
  loadKeys,
  readConfig,
  readGithubKey,
  readPrices,
} from "@twolane/common"
import { keepRareCodeReady } from "@twolane/common/rare-code"
import { openGithub } from "@twolane/github"
import { type Lane, newId } from "@twolane/protocol"
import { openShelf, openStore, type WorkerHandle, type WorkerOptions } from "@twolane/store"
import {
  keepMirrors,
  openHouse,
  operatorEnv,
  probeSandbox,
  type Sandbox,
  startHand,
} from "@twolane/workspace"
import closeWithGrace from "close-with-grace"
import { expectRepos } from "./expect-repos.ts"
import { keepDisk } from "./keep-disk.ts"
import { lookUpModel } from "./model-verdict.ts"
import type { TraceTeller } from "./tell-traces.ts"
import type { WorkerDeps } from "./worker-deps.ts"

/** How long saving and letting go of everything may take once the time to drain is over. */
const endWithinMs = 18_000

/** What a worker's process knows of itself, beside what its turns run with. */
export type WorkerProcess = WorkerDeps &
  Pick<WorkerOptions, "id" | "host" | "sandbox"> & {
    /** What gateways of other hosts prove themselves with. */
    fleetTls: FleetTls
    /** Hears of attempts that are over, where traces are on. */
    left?: TraceTeller["left"]
  }

/** A lane that takes turns: `drain` lets go of them in good time. */
export type LaneAtWork = Pick<WorkerHandle, "drain">

/**
 * A lane's worker process from its settings to its clean end; `start` begins to take turns.
 * @throws ConfigError for a setting that keeps it from starting
 */
export const runWorkerProcess = async (
  lane: Lane,
  start: (worker: WorkerProcess) => Promise<LaneAtWork>,
): Promise<void> => {
  keepRareCodeReady()
  const config = readConfig()
  const keys = loadKeys(config)
  if (config.redisUrl === null)
    throw new ConfigError("REDIS_URL", "must be set; npm start runs a private Redis by itself")
  const githubKey = config.github.app === null ? null : readGithubKey(config.github.app.keyFile)
  const model = checkModel(config, lane)
  const part = `${lane}-worker`
  const id = newId("worker")
  const secrets = [keys.apiKey, keys.secretKey, model.apiKey, ...historySecrets(config.history)]
  const log = createLogger({ part, level: config.logLevel, secrets }).child({ worker: id })
  const sandbox = await checkSandbox(config, log)
  const store = await openStore({
    url: config.redisUrl,
    secretKey: keys.secretKey,
    models: [config.models.fast.model, config.models.deep.model],
    archive: openShelf(config.history),
    onError: (error, where) => log.warn({ error, where }, "store error"),
  })
  const { refusals } = await store.check()
  if (refusals.length > 0) throw new ConfigError("REDIS_URL", refusals.join("; "))
  const apart = await store.archive.join("look").catch(String)
  if (apart !== null) log.warn({ warning: apart }, "warning at start")
  const verdict = config.noopEngine ? "no-verdict" : await lookUpModel(lane, model, log)
  const hand = startHand()
  const github = openGithub(config.github, githubKey)
  const mirrors = keepMirrors({
    dataDir: config.dataDir,
    operatorEnv: operatorEnv(),
    credential: async (team, repo) =>
      (await store.credential(team, repo)) ?? (await github.credentialOf(await store.repo(team, repo))),
  })
  const house = await openHouse({ config, sandbox, worker: id, lane })
  const rates = keepRates({
    lane,
    worker: id,
    now: () => store.now(),
    book: store.rateBook(id),
    onError: error => log.debug({ error }, "what is known of providers' limits could not be shared"),
  })
  // It is followed from the start, so that the first call knows what others have learnt.
  if (!config.noopEngine) rates.gateOf(model)
  const teller =
    config.traces === null
      ? null
      : (await import("./tell-traces.ts")).tellTraces({ part, ...config.traces }, store, log)
  const worker = await start({
    config,
    store,
    log,
    prices: readPrices(config.pricesPath),
    model,
    rates,
    modelVerdict: () => verdict,
    mirrors,
    github,
    house,
    engine: config.noopEngine ? "noop" : "builtin",
    retryPolicy: { attempts: Number.POSITIVE_INFINITY, baseMs: 2_000, maxMs: 60_000 },
    id,
    host: hostname(),
    sandbox: sandbox.mode,
    fleetTls: fleetTls(keys.secretKey),
    ...(teller === null ? {} : { left: teller.left }),
  })
  const upkeep = store.startUpkeep()
  const release = (repo: { team: string; repo: string }) => house.release(repo)
  const disk = keepDisk({ store, dataDir: config.dataDir, host: hostname(), log, release })
  const ending = new AbortController()
  const expecting = expectRepos({ config, store, log, mirrors, house }, ending.signal)
  log.info({ pid: process.pid, sandbox: sandbox.mode, model: model.model }, `${lane} worker takes turns`)
  closeWithGrace({ delay: config.drainMs + endWithinMs, logger: false }, async ({ err, signal }) => {
    if (err !== undefined) log.error({ error: err }, `${lane} worker ends after an error`)
    else log.info({ signal }, `${lane} worker stops`)
    ending.abort({ by: "shutdown" })
    await worker.drain(config.drainMs)
    await expecting
    await teller?.[Symbol.asyncDispose]()
    await rates[Symbol.asyncDispose]()
    await disk[Symbol.asyncDispose]()
    await upkeep[Symbol.asyncDispose]()
    await house[Symbol.asyncDispose]()
    await mirrors[Symbol.asyncDispose]()
    await hand[Symbol.asyncDispose]()
    await store[Symbol.asyncDispose]()
  })
}

const checkModel = (config: Config, lane: Lane): LaneModel => {
  const model = config.models[lane]
  if (model.configured || config.noopEngine) return model
  throw new ConfigError(
    "OPENAI_API_KEY",
    `no model is set for the ${lane} lane (or set OPENAI_BASE_URL, or the TWOLANE_${lane.toUpperCase()}_ ones)`,
  )
}

const checkSandbox = async (config: Config, log: Logger): Promise<Sandbox> => {
  const sandbox = await probeSandbox(config.sandbox)
  if (sandbox.mode === "none" && config.sandbox === "required")
    throw new ConfigError("TWOLANE_SANDBOX", `required, but there is no jail here. ${sandbox.reason}`)
  if (sandbox.mode === "none") log.warn({ reason: sandbox.reason }, "commands are refused")
  else if (sandbox.notice !== null) log.warn({ notice: sandbox.notice }, "sandbox notice")
  return sandbox
}
