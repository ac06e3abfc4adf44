import { type ChildProcess, execFileSync, spawn } from "node:child_process"
import { once } from "node:events"
import { readdirSync, readlinkSync } from "node:fs"
import { hasProgram } from "../has-program.ts"

/** A network and a name of its own, in which commands can be run. It lasts as long as the process that holds it, which ends with us. */
export type Namespace = AsyncDisposable & {
  readonly pid: number
  /** What stands before a command to have it run there; the process stays the same one. */
  readonly within: readonly string[]
  run(...command: string[]): string
  /** Who is there, but for the holder; commands in jails, which have networks of their own, are not. */
  processes(): number[]
}

const [unshare, apart] = ["unshare", ["--net", "--uts"]] as const

/** Why this machine cannot make networks of its own; null when it can. */
export const whyNoHosts = (): string | null => {
  if (process.platform !== "linux") return "Linux alone has network namespaces"
  if (process.getuid?.() !== 0) return "only root may make networks"
  const missing = ["ip", "ss", "nsenter", unshare].find(name => !hasProgram(name))
  if (missing !== undefined) return `there is no ${missing} (Debian: iproute2, util-linux)`
  try {
    execFileSync(unshare, [...apart, "ip", "link", "add", "one", "type", "bridge"], {
      stdio: "ignore",
    })
    return null
  } catch {
    return "this machine lets nobody make a network with a bridge"
  }
}

/** Makes a namespace whose loopback is up. */
export const openNamespace = async (name: string): Promise<Namespace> => {
  // `read` ends when our side of the pipe is closed, which the kernel does for us; a group of its own, as a guard's.
  const script = 'hostname "$0" && ip link set lo up && echo ready && read -r _'
  const holder: ChildProcess = spawn(unshare, [...apart, "sh", "-c", script, name], {
    stdio: ["pipe", "pipe", "inherit"],
    detached: true,
  })
  const { pid, stdin, stdout } = holder
  if (pid === undefined || stdin === null || stdout === null) throw new Error("unshare could not be started")
  const ended = once(holder, "exit")
  stdin.on("error", () => undefined)
  await Promise.race([
    once(stdout, "data"),
    ended.then(() => Promise.reject(new Error(`no namespace ${name}`))),
  ])
  const within = ["nsenter", `--net=/proc/${pid}/ns/net`, `--uts=/proc/${pid}/ns/uts`, "--"]
  const network = networkOf(pid)
  return {
    pid,
    within,
    run: (...command) => {
      const [program = "", ...args] = [...within, ...command]
      return execFileSync(program, args, { encoding: "utf8" })
    },
    processes: () =>
      readdirSync("/proc")
        .map(Number)
        .filter(one => Number.isInteger(one) && one !== pid && networkOf(one) === network),
    [Symbol.asyncDispose]: async () => {
      stdin.destroy()
      holder.kill("SIGKILL")
      await ended
    },
  }
}

const networkOf = (pid: number): string => {
  try {
    return readlinkSync(`/proc/${pid}/ns/net`)
  } catch {
    return "" // it ended meanwhile
  }
}
