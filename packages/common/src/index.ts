export {
  type Config,
  ConfigError,
  type Environment,
  type FleetSetting,
  isLoopback,
  type LaneModel,
  openAiBaseUrl,
  readConfig,
  refusedExitCode,
  settingNames,
  simulatedKey,
} from "./config.ts"
export { type ChatConfig, chatSecrets, type DiscordSetting, type SlackSetting } from "./config-chat.ts"
export { type GithubConfig, readGithubKey } from "./config-github.ts"
export {
  type HistoryConfig,
  historySecrets,
  type S3Identity,
  type S3Role,
  type S3Setting,
} from "./config-history.ts"
export { type HostEnvironment, partEnvironment, readHost } from "./config-host.ts"
export { type Keys, keptKeys, keyPath, loadKeys } from "./config-keys.ts"
export { type Prices, readPrices } from "./config-prices.ts"
export {
  encodeForAll,
  encodeFrame,
  eventStreamHeaders,
  heartbeatEveryMs,
  heartbeatFrame,
  maxBufferedBytes,
  type StreamMessage,
} from "./event-stream.ts"
export { type FleetTls, fleetTls } from "./fleet-tls.ts"
export {
  type AbortReason,
  abortReason,
  backoffMs,
  type DerivedSignal,
  deadline,
  derive,
  neverAborted,
  orAborted,
  type RetryPolicy,
  retry,
  sleep,
  thrownFirst,
} from "./lifetime.ts"
export { createLogger, type Logger, strikeOut } from "./log.ts"
export { createMetrics, type Metrics } from "./metrics.ts"
export { Postponed } from "./postponed.ts"
export { readSentinelUrl } from "./sentinel-url.ts"
export { startFailure } from "./start-failure.ts"
