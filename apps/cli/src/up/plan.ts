import { delimiter } from "node:path"
import type { Config, Keys } from "@twolane/common"
import type { SystemPackage } from "../preflight/packages.ts"

/** The system packages that a start with these settings needs. */
export const neededPackages = (
  config: Pick<Config, "redisUrl" | "sandbox">,
  platform: NodeJS.Platform,
): SystemPackage[] => [
  "git",
  ...(config.redisUrl === null ? (["redis"] as const) : []),
  ...(platform === "linux" && config.sandbox !== "off" ? (["bubblewrap"] as const) : []),
]

/** What the parts of one start have in common. */
export type Shared = {
  config: Config
  keys: Keys
  port: number
  redisUrl: string
  /** Set when no model is configured. */
  simulatedUrl: string | null
}

/** The settings that the supervisor gives its parts, over the environment it was started in. */
export const partSettings = ({
  config,
  keys,
  port,
  redisUrl,
  simulatedUrl,
}: Shared): Record<string, string> => ({
  TWOLANE_PORT: String(port),
  TWOLANE_DATA_DIR: config.dataDir,
  TWOLANE_API_KEY: keys.apiKey,
  TWOLANE_SECRET_KEY: keys.secretKey,
  REDIS_URL: redisUrl,
  ...archiveSettings(config),
  ...readySettings(config, simulatedUrl),
  ...(simulatedUrl === null ? {} : { TWOLANE_SIMULATED_URL: simulatedUrl }),
})

/** Beside the private Redis the archive is in the data folder; what names a bucket is in the environment as it is. */
const archiveSettings = ({ history: { archive } }: Config): Record<string, string> => {
  if (archive !== null && !("folder" in archive)) return {}
  return { TWOLANE_ARCHIVE: archive?.folder ?? "off" }
}

/** Readiness waits for the lanes that are started, unless somebody named others. */
const readySettings = (config: Config, simulatedUrl: string | null): Record<string, string> => {
  const lanes = [
    ...(servesFast(config, simulatedUrl) ? ["fast"] : []),
    ...(servesDeep(config, simulatedUrl) ? ["deep"] : []),
  ]
  return config.readyLanes.length > 0 || lanes.length === 0 ? {} : { TWOLANE_READY_LANES: lanes.join(",") }
}

/** Whether a fast worker is started: there must be a model for it to call. */
export const servesFast = (config: Config, simulatedUrl: string | null): boolean =>
  config.models.fast.configured || simulatedUrl !== null

/** Whether deep workers are started: there must be a model for them to call. */
export const servesDeep = (config: Config, simulatedUrl: string | null): boolean =>
  config.deepWorkers > 0 && (config.models.deep.configured || simulatedUrl !== null)

/** Whether the simulated model serves: nothing is configured for either lane. */
export const isSimulated = (config: Pick<Config, "models">): boolean =>
  !config.models.fast.configured && !config.models.deep.configured

/**
 * PATH without what npm put in front of it: workers hand their PATH to the jail, and a repository's commands must find the machine's
 * programs, not Twolane's own dependencies.
 */
export const pathWithoutNpm = (path: string): string =>
  path
    .split(delimiter)
    .filter(folder => !/(?:^|\/)node_modules\/\.bin\/?$|\/node-gyp-bin\/?$/.test(folder))
    .join(delimiter)
