import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { fileURLToPath } from "node:url"

const root = fileURLToPath(new URL("../../../", import.meta.url))

/** One process of the house, as `npm start` would run it. */
export type Part = AsyncDisposable & {
  readonly pid: number
  /** What it has written so far, its last 200 kB. */
  output(): string
  /** Resolves once it has ended. */
  readonly ended: Promise<void>
  kill(signal: NodeJS.Signals): void
}

const keptChars = 200_000

/**
 * Starts `apps/<name>/src/main.ts` with exactly this environment, on this machine or, as it sees it, on one named `host`, or in
 * a network of its own (`Host.within`); `tree` is another version's code. Disposing it ends it with SIGKILL.
 */
export const startPart = (
  name: string,
  env: Readonly<Record<string, string>>,
  host?: string | readonly string[],
  tree: string = root,
): Part => {
  const before = typeof host === "string" ? onHost(host) : (host ?? [])
  const [command, ...args] = [...before, process.execPath]
  const child: ChildProcess = spawn(command, [...args, `apps/${name}/src/main.ts`], {
    cwd: tree,
    env: { PATH: process.env.PATH, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  })
  let written = ""
  const keep = (data: unknown) => {
    written = (written + String(data)).slice(-keptChars)
  }
  child.stdout?.on("data", keep)
  child.stderr?.on("data", keep)
  const ended = once(child, "exit").then(() => undefined)
  const onExit = () => child.kill("SIGKILL")
  process.on("exit", onExit)
  return {
    pid: child.pid ?? 0,
    output: () => written,
    ended,
    kill: signal => void child.kill(signal),
    [Symbol.asyncDispose]: async () => {
      process.removeListener("exit", onExit)
      if (child.exitCode !== null || child.signalCode !== null) return
      child.kill("SIGKILL")
      await ended
    },
  }
}

/** A UTS namespace, in which the machine has another name; whoever runs there is the same process all along. */
const onHost = (host: string): string[] => [
  "unshare",
  ...(process.getuid?.() === 0 ? [] : ["--map-root-user"]),
  "--uts",
  "sh",
  "-c",
  'hostname "$0" && exec "$@"',
  host,
]
