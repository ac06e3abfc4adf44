import { mkdirSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { type Config, deadline, loadKeys, partEnvironment, readHost, sleep } from "@twolane/common"
import { CommandError } from "../exit.ts"
import type { Output } from "../output.ts"
import { preflight } from "../preflight/preflight.ts"
import { addressFile, checkAddress, localUrl } from "./address.ts"
import { buildPage } from "./build-page.ts"
import { takeDataFolder } from "./lock.ts"
import { pageAddress } from "./page-address.ts"
import { nodeProgram, type PartSpec } from "./part.ts"
import { prettyLine } from "./part-log.ts"
import {
  isSimulated,
  neededPackages,
  partSettings,
  pathWithoutNpm,
  type Shared,
  servesDeep,
  servesFast,
} from "./plan.ts"
import { endLeftover, type PrivateRedis, privateRedis, tooOld, untilReady } from "./private-redis.ts"
import { offerSample, startSimulation } from "./sample.ts"
import { type Supervisor, supervise } from "./supervisor.ts"

/** How long the parts may take until the whole is ready; then a line says what is missing, and the start goes on. */
const readyMs = 60_000

/** What `up` is run with; `stop` ends it cleanly, `force` at once. */
export type UpOptions = {
  config: Config
  output: Output
  stop: AbortController
  force: AbortSignal
}

/**
 * Runs all of Twolane on this machine until it is stopped; then nothing of it is left running.
 * @throws CommandError with one line for the person when it cannot start or gives up.
 */
export const up = async ({ config, output, stop, force }: UpOptions): Promise<void> => {
  const say = (line: string) => output.note(line)
  for (const warning of config.warnings) say(`Warning: ${warning}`)
  const needed = neededPackages(config, process.platform)
  if (!(await preflight({ needed, allowed: config.install, say }))) throw new CommandError("Cannot start.")

  mkdirSync(config.dataDir, { recursive: true, mode: 0o700 })
  const held = takeDataFolder(config.dataDir)
  if ("pid" in held)
    throw new CommandError(`Twolane runs already on ${config.dataDir} (process ${held.pid}); stop it first.`)
  using _lock = held
  const address = await checkAddress(config.host, config.port)
  if (!address.ok) throw new CommandError(address.say)

  const reasons: string[] = []
  const giveUp = (reason: string) => {
    reasons.push(reason)
    stop.abort({ by: "shutdown" })
  }
  {
    await using resources = new AsyncDisposableStack()
    // Before the supervisor, so that its socket's folder goes after it has ended.
    const redis =
      config.redisUrl === null ? resources.use(privateRedis(config.dataDir)) : { url: config.redisUrl }
    const supervisor = resources.use(supervise({ say, giveUp, drainMs: config.drainMs }))
    const onForce = () => supervisor.kill()
    force.addEventListener("abort", onForce)
    resources.defer(() => force.removeEventListener("abort", onForce))
    try {
      await run({ config, output, redis, supervisor, resources, port: address.port }, stop.signal)
    } catch (error) {
      // Stopped while starting: what was started is ended below.
      if (!stop.signal.aborted) throw error
    }
    if (output.live) say("Stopping …")
  }
  if (reasons.length > 0) throw new CommandError(`Stopped: ${reasons[0]}`)
}

type Start = {
  config: Config
  output: Output
  redis: PrivateRedis | { url: string }
  supervisor: Supervisor
  resources: AsyncDisposableStack
  port: number
}

const run = async (start: Start, signal: AbortSignal): Promise<void> => {
  const { config, output, redis, supervisor, port } = start
  const simulation = isSimulated(config) ? start.resources.use(await startSimulation()) : null
  if ("spec" in redis) await startRedis(redis, supervisor, signal)
  const keys = loadKeys(config)
  const shared: Shared = { config, keys, port, redisUrl: redis.url, simulatedUrl: simulation?.url ?? null }
  supervisor.start(...partSpecs(shared, output))
  // Beside the parts' own start; the line with the page's address waits for both.
  const page = buildPage(line => output.note(line), signal)

  const url = localUrl(config.host, port)
  await untilAnswers(url, output, signal)
  await page
  supervisor.settled()
  writeFileSync(addressFile(config.dataDir), `${url}\n`)
  start.resources.defer(() => rmSync(addressFile(config.dataDir), { force: true }))
  output.line(`Twolane runs at ${await pageAddress({ url, apiKey: keys.apiKey }, signal)}`)
  output.line(`API key: ${keys.apiKey}`)
  if (simulation !== null) await offerSample({ config, url, apiKey: keys.apiKey, output }, signal)
  else sayUnserved(config, output)
  await untilAborted(signal)
}

const startRedis = async (
  redis: PrivateRedis,
  supervisor: Supervisor,
  signal: AbortSignal,
): Promise<void> => {
  const old = tooOld(redis.spec.program)
  if (old !== null) throw new CommandError(old)
  await endLeftover(redis.socketPath, signal)
  supervisor.start(redis.spec)
  await untilReady(redis.socketPath, signal)
}

const partSpecs = (shared: Shared, output: Output): PartSpec[] => {
  const { config } = shared
  const env = partEnvironment({
    ...partSettings(shared),
    PATH: pathWithoutNpm(readHost().path),
    ...(config.pricesPath === join(config.dataDir, "prices.json")
      ? {}
      : { TWOLANE_PRICES: config.pricesPath }),
  })
  const part = (name: string, app: string): PartSpec => ({
    name,
    program: nodeProgram(),
    args: [`apps/${app}/src/main.ts`],
    env,
    onLine: line => output.note(process.stderr.isTTY ? prettyLine(name, line) : line),
  })
  const count = servesDeep(config, shared.simulatedUrl) ? config.deepWorkers : 0
  const workers = Array.from({ length: count }, (_, index) =>
    part(count === 1 ? "deep-worker" : `deep-worker ${index + 1}`, "deep-worker"),
  )
  const fast = servesFast(config, shared.simulatedUrl) ? [part("fast-worker", "fast-worker")] : []
  return [part("gateway", "gateway"), ...fast, ...workers]
}

/** Waits until `readyz` says that Redis and the lanes' workers are there. */
const untilAnswers = async (url: string, output: Output, signal: AbortSignal): Promise<void> => {
  using limit = deadline(readyMs, signal)
  for (let last = "no answer"; ; ) {
    try {
      const answer = await fetch(`${url}/readyz`, { signal: limit.signal })
      if (answer.ok) return
      last = `${answer.status} ${await answer.text()}`
    } catch (error) {
      signal.throwIfAborted()
      if (limit.signal.aborted)
        return output.note(`Not ready after ${readyMs / 1_000} s (${last}); going on.`)
      last = error instanceof Error ? error.message : String(error) // the gateway does not listen yet
    }
    await sleep(100, signal)
  }
}

const sayUnserved = (config: Config, output: Output): void => {
  if (!config.models.fast.configured)
    output.line("No model is configured for the fast lane (TWOLANE_FAST_API_KEY or TWOLANE_FAST_BASE_URL).")
  if (!config.models.deep.configured)
    output.line("No model is configured for the deep lane (TWOLANE_DEEP_API_KEY or TWOLANE_DEEP_BASE_URL).")
  if (config.deepWorkers === 0) output.line("No deep worker is started (TWOLANE_DEEP_WORKERS=0).")
}

const untilAborted = (signal: AbortSignal): Promise<void> =>
  signal.aborted
    ? Promise.resolve()
    : new Promise(resolve => signal.addEventListener("abort", () => resolve(), { once: true }))
