import { type Launched, type Launcher, type LaunchRequest, launchGroup, launchJailed } from "./launch.ts"
import { createOutput, type Output } from "./output.ts"
import { processTree, type TreeUsage } from "./processes.ts"
import type { CommandEnd, CommandOutcome } from "./protocol.ts"
import { type Watch, watchLimits } from "./supervise.ts"

/** A run to start; `onText` hears its output live, `timeoutMs` is from its start. */
export type CommandRun = LaunchRequest & {
  timeoutMs: number
  outputBytes: number
  onText: ((text: string) => void) | null
}

/** A finished run; `complaint` is what our own git said on standard error, or bwrap when no jail came to be. */
export type CommandFinish = CommandOutcome & { complaint: string }

/** The commands of one workspace. */
export type Commands = {
  run(request: CommandRun, signal: AbortSignal): Promise<CommandFinish>
  /** Ends every command and waits for the proof; how many processes that were, with those that an abort ended since the last time. */
  killAll(reason: string): Promise<number>
  usage(): TreeUsage
}

type Running = {
  end: (end: CommandEnd, hard: boolean) => void
  over: Promise<unknown>
  killed: () => number
  usage: () => TreeUsage
}

const politeMs = 1_000
const drainMs = 500
const mostProcesses = 100_000

/** Starts commands, holds them to their limits, and ends them with proof. */
export const createCommands = (launcher: Launcher): Commands => {
  const running = new Set<Running>()
  let killedByAborts = 0
  const launch = launcher.bwrap === null ? launchGroup : launchJailed
  return {
    async run(request, signal) {
      signal.throwIfAborted()
      const startedAt = performance.now()
      const memoryKills = () => launcher.cgroup?.memoryKills() ?? 0
      const killsBefore = memoryKills()
      const launched = await launch(launcher, request)
      const control = controlOf(launched, launcher, request)
      const output = createOutput(request.outputBytes, request.onText)
      const over = follow(launched, output, launcher)
      const entry: Running = { ...control, over }
      running.add(entry)
      const onAbort = () => control.end({ ended: "killed", reason: "it was ended" }, true)
      signal.addEventListener("abort", onAbort, { once: true })
      if (signal.aborted) onAbort()
      const timer = setTimeout(() => {
        control.end({ ended: "timed_out", reason: `it ran longer than ${request.timeoutMs / 1000} s` }, false)
      }, request.timeoutMs)
      try {
        const exit = await over
        return finish({
          exit,
          launched,
          output,
          end: control.ended(),
          startedAt,
          oom: memoryKills() > killsBefore,
        })
      } finally {
        clearTimeout(timer)
        control.stop()
        signal.removeEventListener("abort", onAbort)
        running.delete(entry)
        if (signal.aborted) killedByAborts += control.killed()
      }
    },
    async killAll(reason) {
      const all = [...running]
      for (const each of all) each.end({ ended: "killed", reason }, true)
      await Promise.allSettled(all.map(each => each.over))
      const earlier = killedByAborts
      killedByAborts = 0
      return all.reduce((sum, each) => sum + each.killed(), earlier)
    },
    usage: () =>
      [...running].reduce(
        (sum, each) => {
          const { processes, memoryBytes, cpuMs } = each.usage()
          return {
            processes: sum.processes + processes,
            memoryBytes: sum.memoryBytes + memoryBytes,
            cpuMs: sum.cpuMs + cpuMs,
          }
        },
        { processes: 0, memoryBytes: 0, cpuMs: 0 },
      ),
  }
}

/** Everything that may end one command. The first reason wins; a hard end may follow a polite one. */
const controlOf = (launched: Launched, { room, bwrap, cgroup }: Launcher, { git }: CommandRun) => {
  let ended: CommandEnd = { ended: "exited" }
  let killed = 0
  let watch: Watch | null = null
  let stopped = false
  let polite: NodeJS.Timeout | undefined
  const kill = async (hard: boolean): Promise<void> => {
    const root = await launched.root
    if (root === null || stopped) return
    const tree = processTree(root, mostProcesses)
    if (hard) {
      killed = Math.max(killed, tree.length)
      signalTree(root, tree, "SIGKILL", bwrap !== null)
      return
    }
    // Not the jail's process 1: it waits for its child and ends with it, so that the last output still comes out.
    signalTree(root, bwrap === null ? tree : tree.slice(1), "SIGTERM", bwrap !== null)
    polite = setTimeout(() => void kill(true), politeMs)
  }
  const end = (why: CommandEnd, hard: boolean): void => {
    if (ended.ended === "exited") ended = why
    else if (!hard) return
    void kill(hard)
  }
  const onOver = (why: CommandEnd): void => end(why, true)
  void launched.root.then(root => {
    if (root !== null && !stopped)
      watch = watchLimits(room, { root, alone: cgroup === null, writes: git !== "ours" }, onOver)
  })
  return {
    end,
    ended: () => ended,
    killed: () => killed,
    usage: (): TreeUsage => watch?.usage() ?? { processes: 0, memoryBytes: 0, cpuMs: 0 },
    stop: () => {
      stopped = true
      clearTimeout(polite)
      watch?.stop()
    },
  }
}

/**
 * In a jail SIGKILL to process 1 is enough: the kernel ends the whole namespace before it can be reaped. Without one, the
 * group and every descendant that can still be found.
 */
const signalTree = (root: number, tree: number[], signal: NodeJS.Signals, jailed: boolean): void => {
  if (jailed && signal === "SIGKILL") {
    send(root, signal)
    return
  }
  if (!jailed) send(-root, signal)
  for (const pid of tree) send(pid, signal)
}

const send = (pid: number, signal: NodeJS.Signals): void => {
  try {
    process.kill(pid, signal)
  } catch {
    // It has ended already.
  }
}

/** Collects the output until the command has gone and its pipe is empty. */
const follow = async (
  launched: Launched,
  output: Output,
  launcher: Launcher,
): Promise<Awaited<Launched["exited"]>> => {
  const { reader, release } = launched.output
  reader.on("data", (chunk: Buffer) => output.push(chunk))
  const drained = new Promise<void>(resolve => reader.once("close", () => resolve()))
  try {
    const exit = await launched.exited
    if (launcher.bwrap === null) {
      // The leader has gone; what it left behind in its group must not hold the pipe, nor go on.
      const root = await launched.root
      if (root !== null) send(-root, "SIGKILL")
      const timer = setTimeout(() => reader.destroy(), drainMs)
      await drained
      clearTimeout(timer)
    } else {
      await drained
      release()
    }
    return exit
  } finally {
    reader.destroy()
  }
}

type Finishing = {
  exit: Awaited<Launched["exited"]>
  launched: Launched
  output: Output
  end: CommandEnd
  startedAt: number
  oom: boolean
}

const finish = ({ exit, launched, output, end, startedAt, oom }: Finishing): CommandFinish => {
  const kept = output.finish()
  const complaint = launched.complaint()
  const why = explain(end, exit, complaint, oom)
  const note =
    why.ended === "exited"
      ? ""
      : `${kept.text === "" || kept.text.endsWith("\n") ? "" : "\n"}[ended: ${why.reason}]\n`
  return {
    ...why,
    exitCode: why.ended === "exited" ? (exit.code ?? 137) : null,
    output: kept.text + note,
    truncated: kept.truncated,
    durationMs: Math.round(performance.now() - startedAt),
    complaint,
  }
}

const explain = (end: CommandEnd, exit: Finishing["exit"], complaint: string, oom: boolean): CommandEnd => {
  if (end.ended !== "exited") return end
  if (oom && exit.code !== 0) return { ended: "memory", reason: "it used more memory than its limit" }
  if (exit.code !== 0 && complaint.startsWith("bwrap: "))
    return { ended: "refused", reason: complaint.trim().slice("bwrap: ".length) }
  if (exit.code === null)
    return { ended: "killed", reason: `its jail was ended by ${exit.signal ?? "a signal"}` }
  return end
}
