import { readSentinelUrl } from "@twolane/common"
import type { StoreCheck } from "../port.ts"
import type { Client } from "./connect.ts"
import { withDeadline } from "./deadline.ts"

/** Looks whether this Redis can be trusted with tasks (promise I31): refusals stop the start, warnings are shown. */
export const checkRedis = async (client: Client, url: string): Promise<StoreCheck> => {
  const info = parseInfo(await withDeadline(client.info()))
  const { version, refusals: old } = checkVersion(info)
  const settings = await readSettings(client)
  const refusals = [...old, ...checkRole(info), ...checkMemory(info, settings), ...checkAccess(url)]
  const kept = checkPersistence(info, settings)
  return { refusals: [...refusals, ...kept.refusals], warnings: kept.warnings, version }
}

type Info = Record<string, string>
/** What `CONFIG GET` says; null where the server forbids it. */
type Settings = Record<string, string> | null

const parseInfo = (text: string): Info =>
  Object.fromEntries(
    text
      .split("\r\n")
      .filter(line => line.includes(":"))
      .map(line => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 1)]),
  )

const readSettings = async (client: Client): Promise<Settings> => {
  try {
    const names = ["maxmemory-policy", "appendonly", "appendfsync", "save"]
    const pairs = await withDeadline(Promise.all(names.map(name => client.config("GET", name))))
    return Object.fromEntries(names.map((name, index) => [name, settingOf(pairs[index])]))
  } catch (error) {
    // Hosted Redis forbids CONFIG; INFO says the most of it.
    if (error instanceof Error && error.name === "ReplyError") return null
    throw error
  }
}

const settingOf = (pair: unknown): string => (Array.isArray(pair) ? String(pair[1] ?? "") : "")

const checkVersion = (info: Info) => {
  const valkey = info.valkey_version
  const version = valkey ?? info.redis_version ?? "unknown"
  const [major = 0, minor = 0] = version.split(".").map(Number)
  const known = valkey === undefined ? major >= 7 : major > 7 || (major === 7 && minor >= 2)
  const name = valkey === undefined ? "Redis" : "Valkey"
  const refusals = known ? [] : [`${name} ${version} is too old: Redis 7.0 or Valkey 7.2 is needed`]
  return { version: `${name} ${version}`, refusals }
}

const checkRole = (info: Info): string[] =>
  info.role === "slave" ? ["this Redis is a replica: give the address of the primary"] : []

const checkMemory = (info: Info, settings: Settings): string[] => {
  const policy = settings?.["maxmemory-policy"] ?? info.maxmemory_policy ?? "noeviction"
  return policy === "noeviction"
    ? []
    : [`maxmemory-policy is ${policy}: it would drop tasks when memory is full; set it to noeviction`]
}

const checkPersistence = (info: Info, settings: Settings) => {
  const appendOnly = settings === null ? info.aof_enabled === "1" : settings.appendonly === "yes"
  // Without CONFIG nothing tells whether snapshots are on: the operator of such a Redis knows.
  const snapshots = settings === null || settings.save !== ""
  if (!appendOnly && !snapshots)
    return { refusals: ["this Redis keeps nothing on disk: set appendonly yes"], warnings: [] }
  if (!appendOnly)
    return {
      refusals: [],
      warnings: ["Redis has no append-only file: a crash loses what came after the last snapshot"],
    }
  const everySecond = settings?.appendfsync === "everysec"
  return {
    refusals: [],
    warnings: everySecond ? ["appendfsync is everysec: a power loss may cost the last second"] : [],
  }
}

const checkAccess = (url: string): string[] => {
  const watched = readSentinelUrl(url)
  if (watched === null) return checkAddresses(url)
  return watched.password !== null || watched.sentinels.every(({ host }) => isLoopback(host))
    ? []
    : [`Redis ${watched.name} is reached over TCP without a password`]
}

const checkAddresses = (url: string): string[] =>
  url
    .split(",")
    .map(node => new URL(node.trim()))
    .filter(({ protocol, hostname, password }) => {
      if (protocol === "unix:" || password !== "") return false
      return !isLoopback(hostname)
    })
    .map(({ hostname }) => `Redis at ${hostname} is reached over TCP without a password`)

const isLoopback = (hostname: string): boolean =>
  hostname === "localhost" || hostname === "[::1]" || /^127(?:\.\d{1,3}){3}$/.test(hostname)
