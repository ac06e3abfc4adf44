export {
  type Config,
  ConfigError,
  type Environment,
  type FleetSetting,
  isLoopback,
  type LaneModel,
  openAiBaseUrl,
  type Prices,
  readConfig,
  readPrices,
  refusedExitCode,
  settingNames,
  simulatedKey,
} from "./config.ts"
export { type ChatConfig, chatSecrets, type DiscordSetting, type SlackSetting } from "./config-chat.ts"
export { type GithubConfig, readGithubKey } from "./config-github.ts"
export { type HostEnvironment, partEnvironment, readHost } from "./config-host.ts"
export { type Keys, keptKeys, keyPath, loadKeys } from "./config-keys.ts"
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
} from "./lifetime.ts"
export { createLogger, type Logger, strikeOut } from "./log.ts"
export { createMetrics, type Metrics } from "./metrics.ts"
export { Postponed } from "./postponed.ts"
export { startFailure } from "./start-failure.ts"
