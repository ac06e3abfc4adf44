import { type ChildProcess, spawn } from "node:child_process"
import type { Duplex } from "node:stream"
import { fileURLToPath } from "node:url"

/** A keeper's process, whoever started it. */
export type KeeperChild = {
  readonly pid: number
  readonly channel: Duplex
  /** Resolves when it has ended, with its last words. */
  readonly ended: Promise<string>
  kill: () => void
}

/**
 * Starts a keeper's process. It has an empty environment, so that nothing of the worker's can be read from it, and a session of
 * its own, so that Ctrl-C reaches only the worker, which may still want to save what is there. Its compiled code is kept
 * beside the folder that stands for `/etc`, where only the service writes.
 */
export const startKeeperHere = (codeCache: string): KeeperChild => {
  const child = spawn(process.execPath, [fileURLToPath(new URL("main.ts", import.meta.url)), codeCache], {
    env: {},
    cwd: "/",
    detached: true,
    stdio: ["ignore", "ignore", "pipe", "pipe"],
  })
  return {
    pid: child.pid ?? 0,
    channel: child.stdio[3] as Duplex,
    ended: endOf(child),
    kill: () => void child.kill("SIGKILL"),
  }
}

const endOf = (child: ChildProcess): Promise<string> =>
  new Promise(resolve => {
    let words = ""
    child.stderr?.setEncoding("utf8")
    child.stderr?.on("data", (text: string) => {
      words = (words + text).slice(-8_192)
    })
    child.once("error", error => resolve(error.message))
    child.once("exit", (code, signal) => resolve(words.trim() || `it ended with ${signal ?? `code ${code}`}`))
  })
