import { type ChildProcess, spawn } from "node:child_process"
import { dirname, join } from "node:path"
import type { Duplex } from "node:stream"
import { fileURLToPath } from "node:url"
import { removeCgroup } from "../jail/cgroup.ts"
import type { Sandbox } from "../jail/probe.ts"
import type { Room } from "../jail/room.ts"
import { type Calls, createCalls } from "./calls.ts"
import type { CommandInput, CommandOutcome, Operations } from "./protocol.ts"

/** The keeper has ended: nothing of its workspace runs any more, and nothing more can be done with it. */
export { KeeperLost } from "./calls.ts"

/** One workspace's resident process, as the worker sees it. Disposing it kills what runs in the workspace, then it ends. */
export type Keeper = AsyncDisposable & {
  readonly pid: number
  /** Resolves when the keeper has ended, by itself or by us, with its last words. */
  readonly ended: Promise<string>
  /** Says that the worker still holds its lease. Only for `beats: "caller"`. */
  beat(): void
  /** Runs a shell line. An abort kills it, waits for the proof, and throws the signal's reason. */
  run(request: KeeperCommand, signal: AbortSignal): Promise<CommandOutcome>
  read: Call<"read">
  list: Call<"list">
  search: Call<"search">
  /** Applies a patch once no command runs. */
  applyPatch: Call<"patch">
  /** Every path that may differ from the checked-out commit. */
  changes(signal: AbortSignal): Promise<Operations["changes"]["output"]>
  /** Copies the bytes of changed paths into a folder of the caller's, no link followed. */
  stage: Call<"stage">
  /** Kills everything that runs, and answers once it is proven gone. */
  kill(): Promise<Operations["kill"]["output"]>
  usage(): Promise<Operations["usage"]["output"]>
}

type Call<Name extends keyof Operations> = (
  input: Operations[Name]["input"],
  signal: AbortSignal,
) => Promise<Operations[Name]["output"]>

/** A command and its limits; what is left out is empty. `onOutput` hears the output live, whole characters only. */
export type KeeperCommand = Partial<Omit<CommandInput, "live">> &
  Pick<CommandInput, "command" | "timeoutMs"> & { onOutput?: (text: string) => void }

/** What a keeper is started with. */
export type KeeperOptions = {
  room: Room
  sandbox: Sandbox
  /** Who beats: the keeper's client, each second, or the caller, as long as it can prove its lease. */
  beats: "client" | "caller"
  /** Without a beat for so long the keeper kills everything and ends. */
  beatTimeoutMs?: number
  /** A keeper that does not answer a kill or a cancel for so long is killed; its jails die with it. */
  answerTimeoutMs?: number
}

const beatEveryMs = 1_000
const defaultBeatTimeoutMs = 6_000
const defaultAnswerTimeoutMs = 10_000

/** Starts a workspace's keeper and opens its room. */
export const startKeeper = ({ room, ...options }: KeeperOptions, signal: AbortSignal): Promise<Keeper> =>
  startKeeperFor(Promise.resolve(room), { ...options, etc: room.etc }, signal)

/**
 * Starts a keeper while its room is still being made, so that neither waits for the other; `etc` is the room's. When the room fails,
 * the keeper ends and its failure is thrown.
 */
export const startKeeperFor = async (
  room: Promise<Room>,
  options: Omit<KeeperOptions, "room"> & Pick<Room, "etc">,
  signal: AbortSignal,
): Promise<Keeper> => {
  const { sandbox, beats, beatTimeoutMs = defaultBeatTimeoutMs } = options
  const { answerTimeoutMs = defaultAnswerTimeoutMs } = options
  const { bwrap, cgroup } = sandbox.mode === "jail" ? sandbox : { bwrap: null, cgroup: null }
  const child = startProcess(join(dirname(options.etc), "code"))
  const ended = endOf(child)
  const onStuck = () => void child.kill("SIGKILL")
  const calls = createCalls(child.stdio[3] as Duplex, { ended, answerTimeoutMs, onStuck })
  const timer = beats === "client" ? setInterval(calls.beat, beatEveryMs) : undefined
  timer?.unref()
  const dispose = async (): Promise<void> => {
    clearInterval(timer)
    calls.close()
    const late = setTimeout(onStuck, answerTimeoutMs)
    await ended
    clearTimeout(late)
    if (cgroup !== null) removeCgroup(cgroup, child.pid ?? 0)
  }
  try {
    const setup = { room: await room, mode: sandbox.mode, bwrap, cgroup, beatTimeoutMs }
    signal.throwIfAborted()
    await calls.call("open", setup, { signal })
  } catch (error) {
    await dispose()
    throw error
  }
  return {
    pid: child.pid ?? 0,
    ended,
    beat: calls.beat,
    ...operations(calls),
    [Symbol.asyncDispose]: dispose,
  }
}

const plain = { workdir: "", env: {}, stdin: null, network: null, cacheWritable: false } as const

type Performed = Omit<Keeper, "pid" | "ended" | "beat" | typeof Symbol.asyncDispose>

const operations = ({ call }: Calls): Performed => ({
  run: ({ onOutput, ...request }, signal) =>
    call(
      "run",
      {
        ...plain,
        ...request,
        live: onOutput !== undefined,
      },
      { signal, ...(onOutput === undefined ? {} : { onText: onOutput }) },
    ),
  read: (input, signal) => call("read", input, { signal }),
  list: (input, signal) => call("list", input, { signal }),
  search: (input, signal) => call("search", input, { signal }),
  applyPatch: (input, signal) => call("patch", input, { signal }),
  changes: signal => call("changes", null, { signal }),
  stage: (input, signal) => call("stage", input, { signal }),
  kill: () => call("kill", null, { urgent: true }),
  usage: () => call("usage", null, { urgent: true }),
})

/**
 * The keeper starts with an empty environment, so that nothing of the worker's can be read from it, and in a session of
 * its own, so that Ctrl-C reaches only the worker, which may still want to save what is there. Its compiled code is kept
 * beside the folder that stands for `/etc`, where only the service writes.
 */
const startProcess = (codeCache: string): ChildProcess =>
  spawn(process.execPath, [fileURLToPath(new URL("main.ts", import.meta.url)), codeCache], {
    env: {},
    cwd: "/",
    detached: true,
    stdio: ["ignore", "ignore", "pipe", "pipe"],
  })

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
