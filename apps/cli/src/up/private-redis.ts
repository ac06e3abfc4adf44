import { spawnSync } from "node:child_process"
import { mkdirSync, rmSync } from "node:fs"
import { join } from "node:path"
import { readHost, sleep } from "@twolane/common"
import { programsOf } from "../preflight/packages.ts"
import { isOnPath } from "../preflight/preflight.ts"
import type { PartSpec } from "./part.ts"
import { askRedis, isReady } from "./redis-wire.ts"
import { socketFolder } from "./socket-folder.ts"

/** The oldest Redis that Twolane works with (`XADD`, functions and ACLs as they are since 7). */
const minMajor = 7

/** How the private Redis is started and reached. Disposing it, once it has ended, removes its socket's folder. */
export type PrivateRedis = Disposable & { spec: PartSpec; socketPath: string; url: string }

/**
 * Prepares the private Redis of a data folder: durable to the last write (`appendfsync always`), never evicting, on a unix socket
 * only. Its settings go through standard input, so that its command line names no folder of the user's.
 */
export const privateRedis = (dataDir: string): PrivateRedis => {
  const program = programsOf.redis.find(name => isOnPath(name)) ?? "redis-server"
  const folder = join(dataDir, "redis")
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const sockets = socketFolder(dataDir, readHost().runtimeDir)
  const socketPath = join(sockets, "redis.sock")
  const spec = {
    name: "redis",
    program,
    args: ["-"],
    env: { PATH: readHost().path, LC_ALL: "C" },
    stdin: settings(folder, socketPath),
  }
  const removeSockets = () => rmSync(sockets, { recursive: true, force: true })
  return { spec, socketPath, url: `unix://${socketPath}`, [Symbol.dispose]: removeSockets }
}

const settings = (folder: string, socketPath: string): string =>
  [
    "port 0",
    `unixsocket ${JSON.stringify(socketPath)}`,
    "unixsocketperm 700",
    `dir ${JSON.stringify(folder)}`,
    "appendonly yes",
    "appendfsync always",
    'save ""',
    "maxmemory-policy noeviction",
    // A task's log is a short stream of its own: nodes of the default 4 kB would be mostly empty.
    "stream-node-max-bytes 1024",
    "daemonize no",
    "",
  ].join("\n")

/** The one line to say when the installed server is too old; null when it will do. */
export const tooOld = (program: string): string | null => {
  const { stdout } = spawnSync(program, ["--version"], { encoding: "utf8" })
  const version = /v=?(\d+)\.[\d.]+/.exec(stdout ?? "")
  if (version === null || Number(version[1]) >= minMajor) return null
  return `${program} ${version[0].replace(/^v=?/, "")} is too old: Twolane needs Redis ${minMajor} or newer, or Valkey`
}

/** Ends a server that a killed supervisor left on this socket, and waits until it has gone. */
export const endLeftover = async (socketPath: string, signal: AbortSignal): Promise<void> => {
  if (!(await isReady(socketPath))) return
  // It closes the connection instead of answering.
  await askRedis(socketPath, "SHUTDOWN NOSAVE").catch(() => {})
  while (await isReady(socketPath)) await sleep(50, signal)
}

/** Resolves when the server has read its data and answers. */
export const untilReady = async (socketPath: string, signal: AbortSignal): Promise<void> => {
  while (!(await isReady(socketPath))) await sleep(25, signal)
}
