import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { existsSync, readdirSync, readFileSync } from "node:fs"
import { resolve } from "node:path"
import { createInterface } from "node:readline"
import { readHost } from "@twolane/common"
import { freePort } from "@twolane/testkit"

const launcher = resolve(import.meta.dirname, "../../bin/twolane.js")

/** A `twolane up` in a process of its own. Disposing it ends it with SIGTERM. */
export type RunningUp = AsyncDisposable & {
  readonly child: ChildProcess
  readonly url: string
  /** What it has written to standard output, and to standard error, so far. */
  readonly out: string[]
  readonly notes: string[]
  /** The exit code, once it has ended. */
  readonly ended: Promise<number | null>
  /** The first line of standard output that holds a text. */
  line(text: string): Promise<string>
}

/** Starts `twolane up` on a data folder, with settings over ours. */
export const startUp = async (dataDir: string, env: Record<string, string> = {}): Promise<RunningUp> => {
  const port = env.TWOLANE_PORT ?? String(await freePort())
  const child = spawn(process.execPath, [launcher, "up"], {
    stdio: ["ignore", "pipe", "pipe"],
    env: {
      PATH: readHost().path,
      HOME: dataDir,
      // Its Redis's socket goes with the folder, also when it is killed.
      TMPDIR: dataDir,
      TWOLANE_DATA_DIR: dataDir,
      TWOLANE_PORT: port,
      ...env,
    },
  })
  const ended = once(child, "exit").then(([code]) => code as number | null)
  const out: string[] = []
  const notes: string[] = []
  const lines = createInterface({ input: child.stdout })
  lines.on("line", line => out.push(line))
  createInterface({ input: child.stderr }).on("line", line => notes.push(line))
  const line = async (text: string): Promise<string> => {
    for (;;) {
      const found = out.find(each => each.includes(text))
      if (found !== undefined) return found
      const more = await Promise.race([once(lines, "line"), ended.then(() => null)])
      if (more === null && !out.some(each => each.includes(text)))
        throw new Error(`up ended without "${text}":\n${[...out, ...notes].join("\n")}`)
    }
  }
  const dispose = async () => {
    child.kill("SIGTERM")
    await ended
  }
  return { child, url: `http://127.0.0.1:${port}`, out, notes, ended, line, [Symbol.asyncDispose]: dispose }
}

/** The processes that work for a data folder, by their environment; empty without /proc. */
export const processesOn = (dataDir: string): { pid: number; command: string }[] =>
  readdirSync("/proc")
    .filter(name => /^\d+$/.test(name) && Number(name) !== process.pid)
    .flatMap(pid => {
      try {
        const environment = readFileSync(`/proc/${pid}/environ`, "utf8")
        const command = readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ").trim()
        return environment.includes(dataDir) && command !== "" ? [{ pid: Number(pid), command }] : []
      } catch {
        return [] // ended meanwhile, or another user's
      }
    })

/** Resolves once a process has gone. */
export const gone = async (pid: number): Promise<void> => {
  while (existsSync(`/proc/${pid}/cmdline`) && readFileSync(`/proc/${pid}/cmdline`, "utf8") !== "")
    await new Promise(resolve => setImmediate(resolve))
}
