import { spawn } from "node:child_process"
import { resolve } from "node:path"
import { text } from "node:stream/consumers"
import { readHost } from "@twolane/common"

const launcher = resolve(import.meta.dirname, "../bin/twolane.js")

/** How a command ended. */
export type Ended = { code: number | null; out: string; notes: string }

/** Where a command is called, and what it gets on standard input. */
export type CallOptions = { cwd?: string; stdin?: string }

/** Calls the command line in a process of its own, as a script would: without a terminal. */
export const caller =
  (env: Record<string, string>) =>
  async (args: readonly string[], { cwd = "/", stdin = "" }: CallOptions = {}): Promise<Ended> => {
    const child = spawn(process.execPath, [launcher, ...args], {
      cwd,
      env: { PATH: readHost().path, HOME: cwd, ...env },
      stdio: ["pipe", "pipe", "pipe"],
    })
    child.stdin.end(stdin)
    const ended = new Promise<number | null>(done => child.on("exit", done))
    const [out, notes, code] = await Promise.all([text(child.stdout), text(child.stderr), ended])
    return { code, out, notes }
  }
