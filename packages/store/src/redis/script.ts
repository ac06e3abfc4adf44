import { createHash } from "node:crypto"
import { readFileSync } from "node:fs"
import type { Client } from "./connect.ts"

/** What scripts take: Redis has only strings. */
export type ScriptArg = string | number | Buffer

/** Runs one of our Redis functions; its keys all have the same hash tag. */
export type RunScript = (
  name: ScriptName,
  keys: readonly string[],
  args: readonly ScriptArg[],
) => Promise<unknown>

const scriptNames = [
  "task-append",
  "task-archive",
  "task-beat",
  "task-deltas",
  "task-effect",
  "task-pack",
  "task-restore",
  "team-count",
  "team-forget",
  "team-settle",
  "team-shorten",
  "team-walk",
  "queue-settle",
  "queue-forget",
  "queue-snapshot",
  "queue-issue",
  "queue-revive",
  "queue-places",
  "queue-wanted",
  "queue-ops",
  "idempotency",
  "kpi-count",
  "budget-tell",
  "rates-sync",
  "rates-list",
  "audit-append",
  "webhook-gather",
  "webhook-take",
  "webhook-settle",
  "chat-change",
  "chat-take",
  "chat-settle",
  "inbox-put",
  "inbox-take",
  "inbox-settle",
] as const
export type ScriptName = (typeof scriptNames)[number]

type Script = { lua: string; sha: string }

let loaded: Record<ScriptName, Script> | null = null

/** Loads the Lua sources, once a process. Sent by EVALSHA, and by EVAL the first time: no `SCRIPT` command, so a tight ACL suffices. */
export const loadScripts = (): Record<ScriptName, Script> => {
  loaded ??= Object.fromEntries(scriptNames.map(name => [name, load(name)])) as Record<ScriptName, Script>
  return loaded
}

const load = (name: ScriptName): Script => {
  const lua = `${libraryOf(name)}${read(name)}`
  return { lua, sha: createHash("sha1").update(lua).digest("hex") }
}

const libraryOf = (name: ScriptName): string => {
  if (name.startsWith("queue-")) return read("queue-lib")
  return readRecords.has(name) ? read("team-lib") : ""
}
const readRecords: ReadonlySet<string> = new Set<ScriptName>([
  "team-count",
  "team-forget",
  "team-settle",
  "team-shorten",
])

const read = (name: string): string => readFileSync(new URL(`../lua/${name}.lua`, import.meta.url), "utf8")

/**
 * Binds the scripts to a connection. Each is sent whole the first time, so that the order of calls holds from the start; EVALSHA
 * with a fall-back serves nodes that have not seen it (a cluster's, or a Redis that was restarted).
 */
export const scriptRunner = (client: Client, scripts: Record<ScriptName, Script>): RunScript => {
  const sent = new Set<ScriptName>()
  client.on("ready", () => sent.clear())
  return async (name, keys, args) => {
    const { lua, sha } = scripts[name]
    const whole = () => client.eval(lua, keys.length, ...keys, ...args)
    if (!sent.has(name)) {
      sent.add(name)
      return await whole()
    }
    try {
      return await client.evalsha(sha, keys.length, ...keys, ...args)
    } catch (error) {
      if (!(error instanceof Error) || !error.message.startsWith("NOSCRIPT")) throw error
      return await whole()
    }
  }
}
