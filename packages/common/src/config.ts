/** The settings: the only place that reads environment variables. */
import { existsSync } from "node:fs"
import { resolve } from "node:path"
import { z } from "zod"
import { type ChatConfig, chatOf, chatSettings } from "./config-chat.ts"
import {
  absolutePaths,
  duration,
  headerKey,
  hostList,
  httpUrl,
  key32,
  lanes,
  listenHost,
  oneOf,
  publicUrl,
  redisUrl,
  wholeNumber,
} from "./config-fields.ts"
import { type GithubConfig, githubOf, githubSettings } from "./config-github.ts"
import { type HistoryConfig, historyOf, historySettings } from "./config-history.ts"
import { unknownSettings } from "./config-unknown.ts"

/** What a process gets as its environment. */
export type Environment = Readonly<Record<string, string | undefined>>

/** A setting that is wrong; the message is one line that names the variable. */
export class ConfigError extends Error {
  readonly variable: string

  constructor(variable: string, message: string, options?: ErrorOptions) {
    super(`${variable}: ${message}`, options)
    this.name = "ConfigError"
    this.variable = variable
  }
}

/** The exit code of a part that refuses to start: a wrong setting, an unsafe Redis. Starting it again would not help. */
export const refusedExitCode = 78

/** The key to the simulated model; nobody else can reach it, and it must not look like an ordinary word in logs. */
export const simulatedKey = "sk-simulated-0000000000"

/** The base URL of a lane with a key and no base URL. */
export const openAiBaseUrl = "https://api.openai.com/v1"

const transport = oneOf(["auto", "websocket", "sse", "chat"])
const modelName = z.string().max(200, "must be at most 200 characters")

const Settings = z.object({
  TWOLANE_HOST: listenHost.default("127.0.0.1"),
  TWOLANE_PORT: wholeNumber(0, 65_535).default(4200),
  TWOLANE_DATA_DIR: z.string().default(".twolane"),
  REDIS_URL: redisUrl.optional(),
  OPENAI_API_KEY: headerKey.optional(),
  OPENAI_BASE_URL: httpUrl.optional(),
  TWOLANE_FAST_MODEL: modelName.default("gpt-5.3-codex-spark"),
  TWOLANE_DEEP_MODEL: modelName.default("gpt-5.3-codex"),
  TWOLANE_FAST_API_KEY: headerKey.optional(),
  TWOLANE_DEEP_API_KEY: headerKey.optional(),
  TWOLANE_FAST_BASE_URL: httpUrl.optional(),
  TWOLANE_DEEP_BASE_URL: httpUrl.optional(),
  TWOLANE_MODEL_TRANSPORT: transport.default("auto"),
  TWOLANE_FAST_TRANSPORT: transport.optional(),
  TWOLANE_DEEP_TRANSPORT: transport.optional(),
  TWOLANE_FAST_CONTEXT_TOKENS: wholeNumber(4_000, 10_000_000).default(128_000),
  TWOLANE_DEEP_CONTEXT_TOKENS: wholeNumber(4_000, 10_000_000).default(256_000),
  TWOLANE_PRICES: z.string().optional(),
  TWOLANE_API_KEY: headerKey.optional(),
  TWOLANE_SECRET_KEY: key32.optional(),
  TWOLANE_FAST_CONCURRENCY: wholeNumber(1, 1_000).default(8),
  TWOLANE_DEEP_CONCURRENCY: wholeNumber(1, 1_000).default(2),
  TWOLANE_DEEP_WORKERS: wholeNumber(0, 100).default(1),
  TWOLANE_FAST_IDLE: duration.default(900_000),
  TWOLANE_WARM_WORKSPACES: wholeNumber(0, 8).default(2),
  TWOLANE_DRAIN: duration.refine(ms => ms <= 86_400_000, "must be at most one day").default(2_000),
  TWOLANE_FLEET_HOST: listenHost.optional(),
  TWOLANE_FLEET_PORT: wholeNumber(0, 65_535).default(4201),
  TWOLANE_FLEET_ADDRESS: listenHost.optional(),
  TWOLANE_SANDBOX: oneOf(["auto", "required", "off"]).default("auto"),
  TWOLANE_JAIL_PATHS: absolutePaths.default([]),
  TWOLANE_REPO_ROOTS: absolutePaths.optional(),
  TWOLANE_READY_LANES: lanes.default([]),
  LOG_LEVEL: oneOf(["trace", "debug", "info", "warn", "error", "fatal", "silent"]).default("info"),
  // The supervisor's word to its children: where its simulated model answers.
  TWOLANE_SIMULATED_URL: httpUrl.optional(),
  // Measures everything but the engine: a worker ends each turn at once (bench/).
  TWOLANE_NOOP_ENGINE: oneOf(["0", "1"]).default("0"),
  // The address that people use: where a proxy brings TLS, or a name leads here.
  TWOLANE_PUBLIC_URL: publicUrl.optional(),
  TWOLANE_LINK_PREVIEWS: oneOf(["on", "off"]).default("on"),
  // OpenTelemetry's own name: where traces go.
  OTEL_EXPORTER_OTLP_ENDPOINT: httpUrl.optional(),
  TWOLANE_TRACE_CONTENT: oneOf(["on", "off"]).default("off"),
  TWOLANE_WEBHOOK_HOSTS: hostList.default([]),
  TWOLANE_METRICS_TEAMS: oneOf(["on", "off"]).default("off"),
  TWOLANE_KEY_RATE: wholeNumber(1, 1_000_000).default(10_000),
  ...historySettings,
  ...githubSettings,
  ...chatSettings,
  // Read by the command line and the preflight alone.
  TWOLANE_URL: httpUrl.optional(),
  TWOLANE_INSTALL: oneOf(["0", "1"]).default("1"),
})
type Settings = z.infer<typeof Settings>

/** The names of all settings. */
export const settingNames: readonly string[] = Object.keys(Settings.shape)

/** One lane's model. `configured` is false when neither a key nor a base URL is set for the lane. */
export type LaneModel = {
  model: string
  baseUrl: string
  /** Empty when only a base URL is set. */
  apiKey: string
  transport: "auto" | "websocket" | "sse" | "chat"
  contextTokens: number
  configured: boolean
  /** It is the simulated model of `npm start`. */
  simulated: boolean
}

/** Where a fast worker listens (port 0: any free one), and under which name others reach it (null: the machine's own). */
export type FleetSetting = { host: string; port: number; address: string | null }

/** Every setting, parsed. */
export type Config = {
  host: string
  /** 0: any free port. */
  port: number
  /** Absolute. */
  dataDir: string
  redisUrl: string | null
  models: { fast: LaneModel; deep: LaneModel }
  pricesPath: string
  apiKey: string | null
  /** 32 bytes, base64url. */
  secretKey: string | null
  concurrency: { fast: number; deep: number }
  deepWorkers: number
  fastIdleMs: number
  /** How many checkouts stand ready for the next tasks of each repo that a worker serves; 0 for none. */
  warmWorkspaces: number
  /** How long running turns may go on after SIGTERM before they are saved and queued again. */
  drainMs: number
  /** Where a fast worker listens for gateways of other hosts; null: it does not. */
  fleet: FleetSetting | null
  history: HistoryConfig
  sandbox: "auto" | "required" | "off"
  jailPaths: readonly string[]
  /** Where path sources may lie; null: anywhere (nothing set, on loopback); empty: nowhere. */
  repoRoots: readonly string[] | null
  readyLanes: readonly ("fast" | "deep")[]
  logLevel: Settings["LOG_LEVEL"]
  /** The origin that people use, such as `https://twolane.example.com`; null: only addresses and loopback names. */
  publicUrl: string | null
  /** Whether whoever holds a link to a task sees its title, repo and status. */
  linkPreviews: boolean
  /** Where traces go (OTLP over HTTP), and whether with prompts and code; null: nowhere. */
  traces: { url: string; content: boolean } | null
  /** Hosts (`host` or `host:port`) that webhooks may reach by http, and at addresses that are not public. */
  webhookHosts: readonly string[]
  /** Whether `/metrics`, which asks for no key, tells what each team spends. */
  metricsTeams: boolean
  /** Requests a second that a key, or an address without one, may send to a gateway, as a mean over ten seconds. */
  keyRate: number
  github: GithubConfig
  chat: ChatConfig
  /** Workers end each turn at once, for measuring all the rest. */
  noopEngine: boolean
  /** The gateway's address for the command line, when it is not this machine's own. */
  url: string | null
  /** Whether missing system packages may be installed. */
  install: boolean
  /** Lines to show at start: settings that look like ours and are not. */
  warnings: readonly string[]
}

/**
 * Reads all settings; an empty variable is an unset one.
 * @throws ConfigError for the first setting that is wrong.
 */
export const readConfig = (env: Environment = process.env, cwd: string = process.cwd()): Config => {
  const settings = parse(env)
  const dataDir = resolve(cwd, settings.TWOLANE_DATA_DIR)
  const loopback = isLoopback(settings.TWOLANE_HOST)
  checkKeyLength(settings, loopback)
  return freeze({
    host: settings.TWOLANE_HOST,
    port: settings.TWOLANE_PORT,
    dataDir,
    redisUrl: settings.REDIS_URL ?? null,
    models: modelsOf(settings),
    pricesPath: pricesPathOf(settings, dataDir, cwd),
    apiKey: settings.TWOLANE_API_KEY ?? null,
    secretKey: settings.TWOLANE_SECRET_KEY ?? null,
    concurrency: { fast: settings.TWOLANE_FAST_CONCURRENCY, deep: settings.TWOLANE_DEEP_CONCURRENCY },
    deepWorkers: settings.TWOLANE_DEEP_WORKERS,
    fastIdleMs: settings.TWOLANE_FAST_IDLE,
    warmWorkspaces: settings.TWOLANE_WARM_WORKSPACES,
    drainMs: settings.TWOLANE_DRAIN,
    fleet: fleetOf(settings),
    history: historyOf(settings, { dataDir, redisUrl: settings.REDIS_URL }),
    sandbox: settings.TWOLANE_SANDBOX,
    jailPaths: settings.TWOLANE_JAIL_PATHS,
    repoRoots: settings.TWOLANE_REPO_ROOTS ?? (loopback ? null : []),
    readyLanes: settings.TWOLANE_READY_LANES,
    logLevel: settings.LOG_LEVEL,
    publicUrl: settings.TWOLANE_PUBLIC_URL ?? null,
    linkPreviews: settings.TWOLANE_LINK_PREVIEWS === "on",
    traces: tracesOf(settings),
    webhookHosts: settings.TWOLANE_WEBHOOK_HOSTS,
    metricsTeams: settings.TWOLANE_METRICS_TEAMS === "on",
    keyRate: settings.TWOLANE_KEY_RATE,
    github: githubOf(settings),
    chat: chatOf(settings),
    noopEngine: settings.TWOLANE_NOOP_ENGINE === "1",
    url: settings.TWOLANE_URL ?? null,
    install: settings.TWOLANE_INSTALL === "1",
    warnings: unknownSettings(env, settingNames),
  })
}

const parse = (env: Environment): Settings => {
  const set = Object.fromEntries(settingNames.flatMap(name => (env[name] ? [[name, env[name]]] : [])))
  const parsed = Settings.safeParse(set)
  if (parsed.success) return parsed.data
  const issue = parsed.error.issues[0]
  throw new ConfigError(String(issue?.path[0] ?? "settings"), issue?.message ?? "is not valid")
}

/** Whether a listening address can be reached from this machine alone. */
export const isLoopback = (host: string): boolean =>
  host === "localhost" || host === "::1" || /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(host)

// A key that others may try from outside must not be guessable.
const checkKeyLength = (settings: Settings, loopback: boolean): void => {
  if (loopback || settings.TWOLANE_API_KEY === undefined || settings.TWOLANE_API_KEY.length >= 16) return
  throw new ConfigError(
    "TWOLANE_API_KEY",
    "must have at least 16 characters when TWOLANE_HOST is not loopback",
  )
}

const modelsOf = (settings: Settings): Config["models"] => {
  const fast = laneModel(settings, "FAST")
  const deep = laneModel(settings, "DEEP")
  const url = settings.TWOLANE_SIMULATED_URL
  if (url === undefined || fast.configured || deep.configured) return { fast, deep }
  const simulated = {
    model: "simulated",
    baseUrl: url,
    apiKey: simulatedKey,
    configured: true,
    simulated: true,
  }
  return { fast: { ...fast, ...simulated }, deep: { ...deep, ...simulated } }
}

const tracesOf = (settings: Settings): Config["traces"] => {
  const { OTEL_EXPORTER_OTLP_ENDPOINT: url, TWOLANE_TRACE_CONTENT: content } = settings
  return url === undefined ? null : { url, content: content === "on" }
}

const wildcards: ReadonlySet<string> = new Set(["0.0.0.0", "::"])

const fleetOf = (settings: Settings): FleetSetting | null => {
  const { TWOLANE_FLEET_HOST: host, TWOLANE_FLEET_PORT: port, TWOLANE_FLEET_ADDRESS: address } = settings
  if (host !== undefined) return { host, port, address: address ?? (wildcards.has(host) ? null : host) }
  if (address === undefined) return null
  throw new ConfigError("TWOLANE_FLEET_ADDRESS", "needs TWOLANE_FLEET_HOST, where the fast worker listens")
}

const laneModel = (settings: Settings, lane: "FAST" | "DEEP"): LaneModel => {
  const baseUrl = settings[`TWOLANE_${lane}_BASE_URL`] ?? settings.OPENAI_BASE_URL
  const apiKey = settings[`TWOLANE_${lane}_API_KEY`] ?? settings.OPENAI_API_KEY
  return {
    model: settings[`TWOLANE_${lane}_MODEL`],
    baseUrl: baseUrl ?? openAiBaseUrl,
    apiKey: apiKey ?? "",
    transport: settings[`TWOLANE_${lane}_TRANSPORT`] ?? settings.TWOLANE_MODEL_TRANSPORT,
    contextTokens: settings[`TWOLANE_${lane}_CONTEXT_TOKENS`],
    configured: baseUrl !== undefined || apiKey !== undefined,
    simulated: false,
  }
}

const pricesPathOf = (settings: Settings, dataDir: string, cwd: string): string => {
  if (settings.TWOLANE_PRICES === undefined) return resolve(dataDir, "prices.json")
  const path = resolve(cwd, settings.TWOLANE_PRICES)
  if (!existsSync(path)) throw new ConfigError("TWOLANE_PRICES", `there is no file ${path}`)
  return path
}

/** Makes a value and all of its parts unchangeable. */
export const freeze = <Value>(value: Value): Value => {
  if (typeof value === "object" && value !== null) for (const part of Object.values(value)) freeze(part)
  return Object.freeze(value)
}
