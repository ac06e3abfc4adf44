import { type ChildProcess, type SpawnOptions, spawn } from "node:child_process"
import { randomUUID } from "node:crypto"
import { closeSync, openSync, unlinkSync, writeFileSync } from "node:fs"
import { homedir, release, setPriority } from "node:os"
import { join } from "node:path"
import type { Readable, Writable } from "node:stream"
import { commandFile, forwarderFile, type JailRun, jailArgs, proxySocket } from "../jail/args.ts"
import type { Cgroup } from "../jail/cgroup.ts"
import { niceOf } from "../jail/cpu-weight.ts"
import type { Limits, Room } from "../jail/room.ts"
import { closeWriter, type OutputPipe, type Pipes } from "./pipes.ts"

/** How this keeper starts commands: in a jail, or as a plain process group. */
export type Launcher = {
  room: Room
  pipes: Pipes
  /** Null: no jail. */
  bwrap: string | null
  /** The group that all of it runs in; null: sampling alone holds the limits. */
  cgroup: Cgroup | null
}

/** What is started. */
export type LaunchRequest = Omit<JailRun, "commandFd"> & { command: string; stdin: string | null }

/** A command that runs. */
export type Launched = {
  /** The host's id of the process whose end is the end of all: the jail's process 1, or the group's leader. Null: it never was. */
  root: Promise<number | null>
  output: OutputPipe
  /** Its exit, reaped. In a jail nothing of the command is left by then. */
  exited: Promise<{ code: number | null; signal: NodeJS.Signals | null }>
  /** What the jail itself (or, of our own git, the program) said on standard error, capped. */
  complaint: () => string
}

/** Commands give way by their weight; when memory ends, the kernel takes them first. */
const makeHumble = (pid: number, { cpuWeight }: Limits): void => {
  setPriority(pid, niceOf(cpuWeight))
  if (process.platform === "linux") writeFileSync(`/proc/${pid}/oom_score_adj`, "1000")
}

const [major = 0, minor = 0] = release().split(".").map(Number)
const countsInJail = major > 5 || (major === 5 && minor >= 14)

/** In units of 1 KiB, as bash counts them. */
const fileBlocks = 8 * 1024 ** 2

/**
 * Process 1 of a jail. The largest file a command may write is 8 GiB. The count of processes is the jail's own since Linux
 * 5.14 (before, it was the user's); root is exempt from it.
 */
const init = (run: LaunchRequest, limits: Limits): string => {
  // A subshell, not a shell of its own: that saves its start. Process 1 stays behind to reap what the command leaves.
  const program =
    run.network === null
      ? `( . ${commandFile} )`
      : `node ${forwarderFile} ${proxySocket} /bin/bash ${commandFile}`
  const merged = run.git === "agent" ? " 2>&1" : ""
  const count = countsInJail ? `ulimit -u ${limits.processes} 2>/dev/null; ` : ""
  return `ulimit -c 0; ulimit -f ${fileBlocks}; ${count}${program}${merged}; exit $?`
}

/** Starts a command in its jail. */
export const launchJailed = async (launcher: Launcher, run: LaunchRequest): Promise<Launched> => {
  const { bwrap, room } = launcher
  if (bwrap === null) throw new Error("this keeper has no jail")
  const output = await launcher.pipes.take()
  const options = ["--args", "3", "--info-fd", "4", "--", "/bin/bash", "-c", init(run, room.limits)]
  const child = withStdin(room, run.stdin, stdin =>
    start(room.limits, bwrap, options, [stdin, output.writeFd, "pipe", "pipe", "pipe", "pipe"]),
  )
  closeWriter(output)
  send(pipeTo(child, 3), `${jailArgs(room, { ...run, commandFd: 5 }).join("\0")}\0`)
  send(pipeTo(child, 5), run.command)
  const exited = exitOf(child)
  return { root: jailRoot(child, exited), output, exited, complaint: collect(child.stderr) }
}

/** Starts a command as a process group of its own, with no jail around it. */
export const launchGroup = async (launcher: Launcher, run: LaunchRequest): Promise<Launched> => {
  const { room } = launcher
  const output = await launcher.pipes.take()
  const merged = run.git === "agent"
  const command = merged ? `exec 2>&1\n${run.command}` : run.command
  const child = withStdin(room, run.stdin, stdin =>
    start(room.limits, "/bin/bash", ["-c", command], [stdin, output.writeFd, "pipe"], {
      cwd: join(room.tree, run.workdir),
      detached: true,
      env: { ...room.env, ...run.env, PATH: room.tools.path, HOME: homedir(), LANG: "C.UTF-8", TERM: "dumb" },
    }),
  )
  closeWriter(output)
  const exited = exitOf(child)
  const root = Promise.resolve(child.pid ?? null)
  return { root, output, exited, complaint: collect(child.stderr) }
}

type Stdio = Exclude<SpawnOptions["stdio"], string | undefined>

const start = (
  limits: Limits,
  program: string,
  args: string[],
  stdio: Stdio,
  more: { cwd?: string; detached?: boolean; env?: Record<string, string> } = {},
): ChildProcess => {
  const child = spawn(program, args, { env: {}, ...more, stdio })
  // bwrap waits for its arguments, so nothing of the command runs yet.
  if (child.pid !== undefined) makeHumble(child.pid, limits)
  return child
}

/** Standard input is a file without a name: a socket, which Node would make, can't be opened as `/dev/stdin`. */
const withStdin = (
  room: Room,
  text: string | null,
  use: (stdin: number | "ignore") => ChildProcess,
): ChildProcess => {
  if (text === null) return use("ignore")
  const path = join(room.cell, `stdin-${randomUUID()}`)
  writeFileSync(path, text, { mode: 0o600 })
  const fd = openSync(path, "r")
  unlinkSync(path)
  try {
    return use(fd)
  } finally {
    closeSync(fd)
  }
}

/** The other end of a descriptor beyond the three that the types know of. */
const pipeTo = (child: ChildProcess, fd: number): Writable =>
  (child.stdio as ReadonlyArray<unknown>)[fd] as Writable

const send = (to: Writable, text: string): void => {
  // The jail may fail before it has read everything; its exit says so.
  to.on("error", () => {})
  to.end(text)
}

const exitOf = (child: ChildProcess): Launched["exited"] =>
  new Promise((resolve, reject) => {
    child.once("error", reject)
    child.once("close", (code, signal) => resolve({ code, signal }))
  })

/** bwrap tells the id of the jail's process 1 as soon as that is there. */
const jailRoot = (child: ChildProcess, exited: Promise<unknown>): Promise<number | null> =>
  new Promise(resolve => {
    const info = child.stdio[4] as Readable
    let text = ""
    info.setEncoding("utf8")
    info.on("error", () => {})
    info.on("data", (piece: string) => {
      text += piece
      const pid = /"child-pid": (\d+)\b\s*[,}]/.exec(text)?.[1]
      if (pid !== undefined) resolve(Number(pid))
    })
    const never = () => resolve(null)
    exited.then(never, never)
  })

const collect = (stream: Readable | null): (() => string) => {
  let text = ""
  stream?.setEncoding("utf8")
  stream?.on("error", () => {})
  stream?.on("data", (piece: string) => {
    if (text.length < 16_384) text += piece
  })
  return () => text
}
