import { type ChildProcess, spawn, spawnSync } from "node:child_process"
import { once } from "node:events"
import { relative } from "node:path"
import { createInterface } from "node:readline"
import { backoffMs, sleep } from "@twolane/common"
import { projectRoot } from "./root.ts"

/** What a part of Twolane is started with. */
export type PartSpec = {
  /** As the person reads it: `gateway`, `deep-worker 1`, `redis`. */
  name: string
  program: string
  args: readonly string[]
  env: Record<string, string>
  /** Text for standard input, which is closed after it. */
  stdin?: string
  /** Gets each line it writes; without it the lines are told only when it does not stay up. */
  onLine?: (line: string) => void
}

/** One end of a part's process that nobody asked for. */
export type PartDeath = { name: string; how: string; code: number | null; lastLines: string[] }

/** A part that is kept running. */
export type Part = {
  readonly name: string
  readonly pid: () => number | undefined
  /** Asks it to end (SIGTERM), kills it after `graceMs`; resolves when its process is gone. */
  stop(graceMs: number): Promise<void>
  /** Kills it at once. */
  kill(): void
}

const restartPolicy = { attempts: Number.POSITIVE_INFINITY, baseMs: 500, maxMs: 30_000 }
const steadyMs = 60_000

/** Starts a part and starts it again whenever it dies; `onDeath` hears of each death and says whether to go on. */
export const keepRunning = (spec: PartSpec, onDeath: (death: PartDeath) => boolean): Part => {
  const stopping = new AbortController()
  let child: ChildProcess | undefined
  const run = async (): Promise<void> => {
    for (let deaths = 0; !stopping.signal.aborted; ) {
      const startedAt = performance.now()
      const lastLines: string[] = []
      child = launch(spec, spec.onLine ?? keepLast(lastLines))
      const { how, code } = await ended(child)
      child = undefined
      if (stopping.signal.aborted) return
      deaths = performance.now() - startedAt > steadyMs ? 1 : deaths + 1
      if (!onDeath({ name: spec.name, how, code, lastLines })) return
      // An abort ends the wait, and with it the loop.
      await sleep(backoffMs(deaths, restartPolicy), stopping.signal).catch(() => {})
    }
  }
  const running = run()
  return {
    name: spec.name,
    pid: () => child?.pid,
    kill: () => {
      stopping.abort({ by: "shutdown" })
      child?.kill("SIGKILL")
    },
    stop: async graceMs => {
      stopping.abort({ by: "shutdown" })
      const ending = child
      ending?.kill("SIGTERM")
      const timer = setTimeout(() => ending?.kill("SIGKILL"), graceMs)
      await running
      clearTimeout(timer)
    },
  }
}

const keepLast =
  (lines: string[]) =>
  (line: string): void => {
    lines.push(line)
    if (lines.length > 5) lines.shift()
  }

const launch = (spec: PartSpec, onLine: (line: string) => void): ChildProcess => {
  const [program = "", ...args] = command(spec)
  const child = spawn(program, args, {
    cwd: projectRoot,
    env: spec.env,
    // A session of its own: Ctrl-C at the terminal reaches the supervisor alone, which then stops its parts in order.
    detached: true,
    stdio: ["pipe", "pipe", "pipe"],
  })
  child.stdin?.on("error", () => {}) // it died before it read: its end says so
  child.stdin?.end(spec.stdin ?? "")
  for (const stream of [child.stdout, child.stderr])
    if (stream !== null) createInterface({ input: stream }).on("line", onLine)
  return child
}

// The kernel ends a part whose supervisor was killed; where that cannot be had (macOS) it lives on until the next start.
const command = (spec: PartSpec): string[] => [...dieWithParent(), spec.program, ...spec.args]

// A supervisor that was killed before the kernel was asked is no parent any more: the part then never begins.
const onlyBelow = ["sh", "-c", '[ "$PPID" = "$0" ] && exec "$@"', String(process.pid)]

let dieWithParentCommand: string[] | undefined
const dieWithParent = (): string[] => {
  const setpriv = ["setpriv", "--pdeathsig", "TERM", "--"]
  // BusyBox has a setpriv without this option, so it is tried.
  dieWithParentCommand ??=
    spawnSync("setpriv", [...setpriv.slice(1), "true"]).status === 0 ? [...setpriv, ...onlyBelow] : []
  return dieWithParentCommand
}

const ended = async (child: ChildProcess): Promise<{ how: string; code: number | null }> => {
  try {
    const [code, signal] = (await once(child, "exit")) as [number | null, NodeJS.Signals | null]
    return { how: signal ?? `exit code ${code}`, code }
  } catch (error) {
    return { how: error instanceof Error ? error.message : String(error), code: null }
  }
}

/** Our own Node, by a path relative to the project where it lies inside, so that the command line shows no folder names. */
export const nodeProgram = (): string => {
  const path = relative(projectRoot, process.execPath)
  return path.startsWith("..") ? process.execPath : `./${path}`
}
