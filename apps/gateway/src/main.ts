import { hostname } from "node:os"
import { fileURLToPath } from "node:url"
import {
  ConfigError,
  chatSecrets,
  createLogger,
  fleetTls,
  historySecrets,
  type Logger,
  loadKeys,
  readConfig,
  readGithubKey,
  startFailure,
} from "@twolane/common"
import { keepRareCodeReady } from "@twolane/common/rare-code"
import { openShelf, openStore, type Store } from "@twolane/store"
import { keepDisk } from "@twolane/turns/keep-disk"
import { operatorEnv } from "@twolane/workspace"
import closeWithGrace from "close-with-grace"
import { startGateway } from "./run.ts"

/** The gateway's process. One line says when it listens; the supervisor waits for it. */
const main = async (): Promise<void> => {
  keepRareCodeReady()
  const config = readConfig()
  const keys = loadKeys(config)
  const githubKey = config.github.app === null ? null : readGithubKey(config.github.app.keyFile)
  if (config.redisUrl === null)
    throw new ConfigError("REDIS_URL", "must be set; npm start runs a private Redis by itself")
  const log = createLogger({
    part: "gateway",
    level: config.logLevel,
    secrets: [keys.apiKey, keys.secretKey, ...chatSecrets(config.chat), ...historySecrets(config.history)],
  })
  const store = await openStore({
    url: config.redisUrl,
    secretKey: keys.secretKey,
    models: [config.models.fast.model, config.models.deep.model],
    archive: openShelf(config.history),
    onError: (error, where) => log.warn({ error, where }, "store error"),
  })
  const { refusals, warnings } = await store.check()
  if (refusals.length > 0) throw new ConfigError("REDIS_URL", refusals.join("; "))
  await joinArchive(store, log)
  for (const warning of [...config.warnings, ...warnings]) log.warn({ warning }, "warning at start")
  const upkeep = store.startUpkeep()
  const traces =
    config.traces === null
      ? null
      : (await import("@twolane/common/trace/open-traces")).openTraces("gateway", config.traces.url)
  const gateway = await startGateway({
    config,
    store,
    log,
    apiKey: keys.apiKey,
    fleetTls: fleetTls(keys.secretKey),
    ...(githubKey === null ? {} : { githubKey }),
    ...(traces === null ? {} : { traces }),
    host: hostname(),
    pageFolder: fileURLToPath(new URL("../../dashboard/dist", import.meta.url)),
    operatorEnv: operatorEnv(),
  })
  const disk = keepDisk({ store, dataDir: config.dataDir, host: hostname(), log })
  log.info({ url: gateway.url }, "gateway listens")
  closeWithGrace({ delay: 10_000, logger: false }, async ({ err, signal }) => {
    if (err !== undefined) log.error({ error: err }, "gateway ends after an error")
    else log.info({ signal }, "gateway stops")
    await gateway[Symbol.asyncDispose]()
    await traces?.[Symbol.asyncDispose]()
    await disk[Symbol.asyncDispose]()
    await upkeep[Symbol.asyncDispose]()
    await store[Symbol.asyncDispose]()
  })
}

/** History that this gateway cannot read would be hidden from whoever asks it (docs/operations.md). */
const joinArchive = async ({ archive }: Store, log: Logger): Promise<void> => {
  try {
    const why = await archive.join("make")
    if (why !== null) throw new ConfigError("TWOLANE_ARCHIVE", why)
  } catch (error) {
    if (error instanceof ConfigError) throw error
    // What is live is served all the same.
    log.warn({ error }, "the archive of finished tasks cannot be reached")
  }
}

main().catch((error: unknown) => {
  const { text, exitCode } = startFailure(error)
  process.stderr.write(`${text}\n`)
  process.exit(exitCode)
})
