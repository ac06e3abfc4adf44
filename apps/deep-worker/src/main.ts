import { hostname } from "node:os"
import { describeModels } from "@twolane/agent/model/describe-models"
import {
  type Config,
  ConfigError,
  createLogger,
  type Logger,
  loadKeys,
  readConfig,
  readPrices,
  refusedExitCode,
} from "@twolane/common"
import { newId } from "@twolane/protocol"
import { openStore } from "@twolane/store"
import { keepMirrors, openHouse, operatorEnv, probeSandbox, type Sandbox } from "@twolane/workspace"
import closeWithGrace from "close-with-grace"
import { startDeepWorker } from "./start.ts"
import type { ModelVerdict } from "./worker-deps.ts"

/** How long running turns may go on after SIGTERM before they are saved and queued again. */
const drainGraceMs = 2_000

/** A deep worker's process. */
const main = async (): Promise<void> => {
  const config = readConfig()
  const keys = loadKeys(config)
  if (config.redisUrl === null)
    throw new ConfigError("REDIS_URL", "must be set; npm start runs a private Redis by itself")
  const model = config.models.deep
  if (!model.configured && !config.noopEngine)
    throw new ConfigError(
      "OPENAI_API_KEY",
      "no model is set for the deep lane (or set OPENAI_BASE_URL, or the TWOLANE_DEEP_ ones)",
    )
  const id = newId("worker")
  const log = createLogger({
    part: "deep-worker",
    level: config.logLevel,
    secrets: [keys.apiKey, keys.secretKey, model.apiKey],
  }).child({ worker: id })
  const sandbox = await checkSandbox(config, log)
  const store = await openStore({
    url: config.redisUrl,
    secretKey: keys.secretKey,
    onError: (error, where) => log.warn({ error, where }, "store error"),
  })
  const { refusals } = await store.check()
  if (refusals.length > 0) throw new ConfigError("REDIS_URL", refusals.join("; "))
  const verdict = await lookUpModel(config, log)
  const mirrors = keepMirrors({
    dataDir: config.dataDir,
    operatorEnv: operatorEnv(),
    credential: (team, repo) => store.credential(team, repo),
  })
  const house = await openHouse({ config, sandbox, worker: id })
  const worker = await startDeepWorker({
    config,
    store,
    log,
    prices: readPrices(config.pricesPath),
    model,
    modelVerdict: () => verdict,
    mirrors,
    house,
    engine: config.noopEngine ? "noop" : "builtin",
    retryPolicy: { attempts: Number.POSITIVE_INFINITY, baseMs: 2_000, maxMs: 60_000 },
    id,
    host: hostname(),
    sandbox: sandbox.mode,
  })
  const upkeep = store.startUpkeep()
  log.info({ pid: process.pid, sandbox: sandbox.mode, model: model.model }, "deep worker takes turns")
  closeWithGrace({ delay: 20_000, logger: false }, async ({ err, signal }) => {
    if (err !== undefined) log.error({ error: err }, "deep worker ends after an error")
    else log.info({ signal }, "deep worker stops")
    await worker.drain(drainGraceMs)
    await upkeep[Symbol.asyncDispose]()
    await house[Symbol.asyncDispose]()
    await mirrors[Symbol.asyncDispose]()
    await store[Symbol.asyncDispose]()
  })
}

const checkSandbox = async (config: Config, log: Logger): Promise<Sandbox> => {
  const sandbox = await probeSandbox(config.sandbox)
  if (sandbox.mode === "none" && config.sandbox === "required")
    throw new ConfigError("TWOLANE_SANDBOX", `required, but there is no jail here. ${sandbox.reason}`)
  if (sandbox.mode === "none") log.warn({ reason: sandbox.reason }, "commands are refused")
  else if (sandbox.notice !== null) log.warn({ notice: sandbox.notice }, "sandbox notice")
  return sandbox
}

/** Looked up once, by the list of models and never by a generation. */
const lookUpModel = async (config: Config, log: Logger): Promise<ModelVerdict> => {
  const model = config.models.deep
  if (config.noopEngine) return "no-verdict"
  const verdict = await describeModels(model, AbortSignal.timeout(10_000)).catch(() => "no-verdict" as const)
  if (verdict === "auth") log.error("OPENAI_API_KEY or TWOLANE_DEEP_API_KEY: the provider refuses the key")
  if (verdict === "unknown")
    log.error({ model: model.model }, "TWOLANE_DEEP_MODEL: the provider has no such model")
  return verdict
}

main().catch((error: unknown) => {
  // Before there is a log, or when it is a setting: one line is what the operator needs.
  const text =
    error instanceof ConfigError ? error.message : String(error instanceof Error ? error.stack : error)
  process.stderr.write(`${text}\n`)
  process.exit(error instanceof ConfigError ? refusedExitCode : 1)
})
