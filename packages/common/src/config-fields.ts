import { isAbsolute, resolve } from "node:path"
import { z } from "zod"
import { readSentinelUrl } from "./sentinel-url.ts"

/** A whole number within bounds. */
export const wholeNumber = (min: number, max: number) =>
  z
    .string()
    .regex(/^\d{1,15}$/, `must be a whole number from ${min} to ${max}`)
    .transform(Number)
    .refine(value => value >= min && value <= max, `must be a whole number from ${min} to ${max}`)

const unitMs: Record<string, number> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** A duration such as `90s`, `15m` or `2h`, in milliseconds. */
export const duration = z
  .string()
  .regex(/^\d{1,9}(ms|s|m|h|d)$/, "must be a duration such as 90s, 15m or 2h")
  .transform(text => Number.parseInt(text, 10) * (unitMs[text.replace(/^\d+/, "")] ?? 1))

/** A host name or address to listen on. */
export const listenHost = z
  .string()
  .regex(/^(?:[A-Za-z0-9.-]{1,253}|[0-9a-fA-F:.]{2,45})$/, "must be a host name or an IP address")

/** The base of an HTTP API, without the slash at its end. */
export const httpUrl = z
  .string()
  .refine(isHttpUrl, "must be an http:// or https:// URL without user name, query or fragment")
  .transform(text => text.replace(/\/+$/, ""))

function isHttpUrl(text: string): boolean {
  if (!URL.canParse(text)) return false
  const url = new URL(text)
  const plain = url.username === "" && url.password === "" && url.search === "" && url.hash === ""
  return (url.protocol === "http:" || url.protocol === "https:") && plain
}

/** The origin of a public address: no path, since the page lies at the root. */
export const publicUrl = httpUrl
  .refine(text => new URL(text).pathname === "/", "must not have a path")
  .transform(text => new URL(text).origin)

/** `redis://`, `rediss://`, `unix:///path`, a comma-separated list of the first two for a cluster, or `redis+sentinel://` with a name. */
export const redisUrl = z
  .string()
  .refine(
    isRedisUrl,
    "must be redis://…, rediss://…, unix:///path, redis+sentinel://…/name, or a comma-separated list of redis addresses",
  )

function isRedisUrl(text: string): boolean {
  if (text.startsWith("redis+sentinel:")) return readSentinelUrl(text) !== null
  if (text.startsWith("unix://")) return text.startsWith("unix:///") && !text.includes(",")
  return text.split(",").every(part => {
    if (!URL.canParse(part.trim())) return false
    const { protocol, hostname } = new URL(part.trim())
    return (protocol === "redis:" || protocol === "rediss:") && hostname !== ""
  })
}

/** A key that fits in an HTTP header: visible ASCII, no blanks. */
export const headerKey = z
  .string()
  .regex(/^[\x21-\x7e]{1,512}$/, "must be visible ASCII without blanks, at most 512 characters")

/** 32 bytes in base64 or base64url, as base64url. */
export const key32 = z
  .string()
  .refine(
    text => /^[A-Za-z0-9+/_-]{43}=?$/.test(text) && Buffer.from(text, "base64").length === 32,
    "must be 32 bytes in base64 (openssl rand -base64 32)",
  )
  .transform(text => Buffer.from(text, "base64").toString("base64url"))

/** Absolute folders, separated by colons. */
export const absolutePaths = z
  .string()
  .transform(text => text.split(":").filter(part => part !== ""))
  .refine(paths => paths.every(path => isAbsolute(path)), "must be absolute paths, separated by colons")
  .transform(paths => paths.map(path => resolve(path)))

/** Some of the lanes, separated by commas. */
export const lanes = z
  .string()
  .transform(text => text.split(",").map(part => part.trim()))
  .pipe(z.array(z.enum(["fast", "deep"], "must be fast, deep, or fast,deep")))
  .transform(list => [...new Set(list)])

/** One of some words. */
export const oneOf = <const Words extends readonly [string, ...string[]]>(words: Words) =>
  z.enum(words, `must be one of ${words.join(", ")}`)

/** `host`, `host:port`, `[address]:port`, separated by commas, in lower case. */
export const hostList = z
  .string()
  .transform(text =>
    text
      .toLowerCase()
      .split(",")
      .map(part => part.trim())
      .filter(part => part !== ""),
  )
  .refine(
    hosts =>
      hosts.every(
        host =>
          URL.canParse(`http://${host}/`) &&
          new URL(`http://${host}/`).pathname === "/" &&
          !/[/?#@]/.test(host),
      ),
    "must be hosts such as ci.internal or 127.0.0.1:9000, separated by commas",
  )
