import { isAbsolute, resolve } from "node:path"
import { z } from "zod"
import { ConfigError } from "./config.ts"
import { headerKey, httpUrl, wholeNumber } from "./config-fields.ts"

const absolutePath = z.string().refine(isAbsolute, "must be an absolute path")
/** Longer than a key, and with a blank behind its kind. */
const lentToken = z.string().regex(/^[\x20-\x7e]{1,8192}$/, "must be visible ASCII, at most 8192 characters")

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
  AWS_SESSION_TOKEN: lentToken.optional(),
  AWS_ROLE_ARN: headerKey.optional(),
  AWS_WEB_IDENTITY_TOKEN_FILE: absolutePath.optional(),
  AWS_ROLE_SESSION_NAME: headerKey.default("twolane"),
  AWS_ENDPOINT_URL_STS: httpUrl.optional(),
  AWS_CONTAINER_CREDENTIALS_FULL_URI: httpUrl.optional(),
  AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: z.string().startsWith("/", "must be a path").optional(),
  AWS_CONTAINER_AUTHORIZATION_TOKEN: lentToken.optional(),
  AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: absolutePath.optional(),
  AWS_EC2_METADATA_SERVICE_ENDPOINT: httpUrl.default("http://169.254.169.254"),
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
} & S3Identity

/** Who we are in S3: by keys, with a session's token where they were lent to us, or by a role that keys are lent to. */
export type S3Identity = { keyId: string; secret: string; sessionToken?: string } | { role: S3Role }

/** Where a role's keys come from: a service account's token (IRSA), what is beside a container (ECS, EKS), an instance's metadata. */
export type S3Role =
  | { from: "web-identity"; roleArn: string; tokenFile: string; sessionName: string; endpoint: string }
  | { from: "container"; url: string; token: string | null; tokenFile: string | null }
  | { from: "instance"; endpoint: string }

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
  archive === null || "folder" in archive ? [] : secretsOf(archive)

const secretsOf = (who: S3Identity): string[] => {
  if ("secret" in who) return who.sessionToken === undefined ? [who.secret] : [who.secret, who.sessionToken]
  return who.role.from === "container" && who.role.token !== null ? [who.role.token] : []
}

const bucketOf = (place: string): { bucket: string; prefix: string } | null => {
  const [, bucket, prefix = ""] =
    /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:\/([A-Za-z0-9._/-]{0,200}))?$/.exec(place) ?? []
  return bucket === undefined ? null : { bucket, prefix: prefix.replace(/^\/+|\/+$/g, "") }
}

const s3Of = (settings: Settings, place: string): S3Setting | null => {
  const named = bucketOf(place)
  if (named === null) return null
  const { AWS_REGION: region } = settings
  const endpoint = settings.TWOLANE_ARCHIVE_ENDPOINT ?? `https://s3.${region}.amazonaws.com`
  return { ...named, endpoint, region, ...identityOf(settings) }
}

/** In the order of Amazon's own clients. */
const identityOf = (settings: Settings): S3Identity => {
  const {
    AWS_ACCESS_KEY_ID: keyId,
    AWS_SECRET_ACCESS_KEY: secret,
    AWS_SESSION_TOKEN: sessionToken,
  } = settings
  if (keyId === undefined && secret === undefined && sessionToken === undefined)
    return { role: roleOf(settings) }
  if (keyId === undefined) throw new ConfigError("AWS_ACCESS_KEY_ID", "must be set with its secret")
  if (secret === undefined) throw new ConfigError("AWS_SECRET_ACCESS_KEY", "must be set with its key")
  return { keyId, secret, ...(sessionToken === undefined ? {} : { sessionToken }) }
}

const roleOf = (settings: Settings): S3Role => {
  const { AWS_ROLE_ARN: roleArn, AWS_WEB_IDENTITY_TOKEN_FILE: tokenFile } = settings
  if (tokenFile !== undefined) {
    if (roleArn === undefined)
      throw new ConfigError("AWS_ROLE_ARN", "must be set with AWS_WEB_IDENTITY_TOKEN_FILE")
    const endpoint = settings.AWS_ENDPOINT_URL_STS ?? `https://sts.${settings.AWS_REGION}.amazonaws.com`
    return { from: "web-identity", roleArn, tokenFile, sessionName: settings.AWS_ROLE_SESSION_NAME, endpoint }
  }
  const path = settings.AWS_CONTAINER_CREDENTIALS_RELATIVE_URI
  const url = path === undefined ? settings.AWS_CONTAINER_CREDENTIALS_FULL_URI : `${containers}${path}`
  if (url === undefined) return { from: "instance", endpoint: settings.AWS_EC2_METADATA_SERVICE_ENDPOINT }
  return {
    from: "container",
    url,
    token: settings.AWS_CONTAINER_AUTHORIZATION_TOKEN ?? null,
    tokenFile: settings.AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE ?? null,
  }
}

/** Where ECS answers its containers. */
const containers = "http://169.254.170.2"
