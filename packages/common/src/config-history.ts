import { isAbsolute, resolve } from "node:path"
import { z } from "zod"
import { ConfigError } from "./config.ts"
import { headerKey, httpUrl, wholeNumber } from "./config-fields.ts"

/** The settings about finished tasks. */
export const historySettings = {
  TWOLANE_KEEP_DAYS: wholeNumber(1, 36_500).default(30),
  TWOLANE_ARCHIVE: z
    .string()
    .refine(
      text => text === "off" || isAbsolute(text) || bucketOf(text) !== null,
      "must be off, the absolute path of a folder, or s3://bucket/prefix",
    )
    .optional(),
  TWOLANE_ARCHIVE_ENDPOINT: httpUrl.optional(),
  // Amazon's own names.
  AWS_REGION: headerKey.default("us-east-1"),
  AWS_ACCESS_KEY_ID: headerKey.optional(),
  AWS_SECRET_ACCESS_KEY: headerKey.optional(),
  TWOLANE_ARCHIVE_DAYS: wholeNumber(1, 36_500).optional(),
}
type Settings = z.infer<z.ZodObject<typeof historySettings>>

/** A bucket of S3, or of what speaks as it does, and who we are there. */
export type S3Setting = {
  /** Without a slash at its end; buckets are named in the path. */
  endpoint: string
  region: string
  bucket: string
  /** What all names begin with, without a slash at either end; empty: nothing. */
  prefix: string
  keyId: string
  secret: string
}

/** What becomes of finished tasks: in Redis for so long after their last turn, then in an archive. */
export type HistoryConfig = {
  keepDays: number
  /** Where the archive lies; null: there is none, and they stay in Redis. */
  archive: { folder: string } | S3Setting | null
  /** So long after its last turn an archived task is deleted; null: never. */
  archiveDays: number | null
}

/** @throws ConfigError when tasks would be deleted before they are archived */
export const historyOf = (
  settings: Settings,
  { dataDir, redisUrl }: { dataDir: string; redisUrl: string | undefined },
): HistoryConfig => {
  const { TWOLANE_KEEP_DAYS: keepDays, TWOLANE_ARCHIVE_DAYS: archiveDays } = settings
  if (archiveDays !== undefined && archiveDays <= keepDays)
    throw new ConfigError("TWOLANE_ARCHIVE_DAYS", `must be more than TWOLANE_KEEP_DAYS, which is ${keepDays}`)
  // Beside the private Redis. Whose Redis is elsewhere may have a data folder that does not last, or another one on each host.
  const place = settings.TWOLANE_ARCHIVE ?? (redisUrl === undefined ? resolve(dataDir, "archive") : "off")
  return {
    keepDays,
    archive: place === "off" ? null : (s3Of(settings, place) ?? { folder: resolve(place) }),
    archiveDays: archiveDays ?? null,
  }
}

/** What must not be shown of it. */
export const historySecrets = ({ archive }: HistoryConfig): string[] =>
  archive !== null && "secret" in archive ? [archive.secret] : []

const bucketOf = (place: string): { bucket: string; prefix: string } | null => {
  const [, bucket, prefix = ""] =
    /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:\/([A-Za-z0-9._/-]{0,200}))?$/.exec(place) ?? []
  return bucket === undefined ? null : { bucket, prefix: prefix.replace(/^\/+|\/+$/g, "") }
}

const s3Of = (settings: Settings, place: string): S3Setting | null => {
  const named = bucketOf(place)
  if (named === null) return null
  const { AWS_REGION: region, AWS_ACCESS_KEY_ID: keyId, AWS_SECRET_ACCESS_KEY: secret } = settings
  if (keyId === undefined) throw new ConfigError("AWS_ACCESS_KEY_ID", "must be set for TWOLANE_ARCHIVE in S3")
  if (secret === undefined)
    throw new ConfigError("AWS_SECRET_ACCESS_KEY", "must be set for TWOLANE_ARCHIVE in S3")
  const endpoint = settings.TWOLANE_ARCHIVE_ENDPOINT ?? `https://s3.${region}.amazonaws.com`
  return { ...named, endpoint, region, keyId, secret }
}
