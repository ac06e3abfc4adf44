import { dirname, join } from "node:path"
import { handOfProcess } from "../hand/hand.ts"
import { removeCgroup } from "../jail/cgroup.ts"
import type { Sandbox } from "../jail/probe.ts"
import type { Room } from "../jail/room.ts"
import { type Calls, createCalls } from "./calls.ts"
import { type KeeperChild, startKeeperHere } from "./child.ts"
import type { CommandInput, CommandOutcome, Operations } from "./protocol.ts"

/** The keeper has ended: nothing of its workspace runs any more, and nothing more can be done with it. */
export { KeeperLost } from "./calls.ts"

/** One workspace's resident process, as the worker sees it. Disposing it kills what runs in the workspace, then it ends. */
export type Keeper = AsyncDisposable & {
  readonly pid: number
  /** Resolves when the keeper has ended, by itself or by us, with its last words. */
  readonly ended: Promise<string>
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
  /**
   * When the lease on what runs here was last proved (monotonic, ms); told to the keeper each second. Without it being alive is proof
   * enough.
   */
  provedAt?: () => number
  /** When nothing was proved for so long the keeper kills everything and ends. */
  beatTimeoutMs?: number
  /** A keeper that does not answer a kill or a cancel for so long is killed; its jails die with it. */
  answerTimeoutMs?: number
}

const beatEveryMs = 1_000
const defaultBeatTimeoutMs = 6_000
const defaultAnswerTimeoutMs = 10_000

/** A keeper's process before its room is there: nothing runs in it. Disposing it ends it. */
export type IdleKeeper = AsyncDisposable & {
  readonly pid: number
  /** Whether it has ended by itself. */
  lost(): boolean
  /** Opens its room, for one holder: disposing the keeper ends the process, and so does a room that can't be opened. */
  open(
    options: Pick<KeeperOptions, "room" | "provedAt" | "beatTimeoutMs">,
    signal: AbortSignal,
  ): Promise<Keeper>
}

/** What is known of a room before it is there. */
export type IdleOptions = Pick<KeeperOptions, "sandbox" | "answerTimeoutMs"> &
  Pick<Room, "etc" | "cell" | "limits">

/** Starts a workspace's keeper and opens its room. */
export const startKeeper = async (options: KeeperOptions, signal: AbortSignal): Promise<Keeper> => {
  const { etc, cell, limits } = options.room
  return (await startIdleKeeper({ ...options, etc, cell, limits })).open(options, signal)
}

/** Starts a keeper before its room is there: its start takes longer than most rooms, and all that needs no room is made ready as well. */
export const startIdleKeeper = async ({ sandbox, ...options }: IdleOptions): Promise<IdleKeeper> => {
  const { etc, cell, limits, answerTimeoutMs = defaultAnswerTimeoutMs } = options
  const { bwrap, cgroup } = sandbox.mode === "jail" ? sandbox : { bwrap: null, cgroup: null }
  const { pid, channel, ended, kill: onStuck } = await startProcess(join(dirname(etc), "code"))
  const calls = createCalls(channel, { ended, answerTimeoutMs, onStuck })
  let lost = false
  void ended.then(() => {
    lost = true
  })
  const end = async (): Promise<void> => {
    calls.close()
    const late = setTimeout(onStuck, answerTimeoutMs)
    await ended
    clearTimeout(late)
    if (cgroup !== null) removeCgroup(cgroup, pid)
  }
  const endAfter = async (error: unknown): Promise<never> => {
    await end()
    throw error
  }
  await calls.call("begin", { cell, cgroup, limits }, {}).catch(endAfter)
  return {
    pid,
    lost: () => lost,
    open: async (
      { room, provedAt = () => performance.now(), beatTimeoutMs = defaultBeatTimeoutMs },
      signal,
    ) => {
      const timer = setInterval(() => calls.beat(performance.now() - provedAt()), beatEveryMs)
      timer.unref()
      const dispose = async (): Promise<void> => {
        clearInterval(timer)
        await end()
      }
      const setup = { room, mode: sandbox.mode, bwrap, beatTimeoutMs }
      await calls.call("open", setup, { signal }).catch(async (error: unknown) => {
        clearInterval(timer)
        return endAfter(error)
      })
      return { pid, ended, ...operations(calls), [Symbol.asyncDispose]: dispose }
    },
    [Symbol.asyncDispose]: end,
  }
}

const startProcess = async (codeCache: string): Promise<KeeperChild> => {
  const hand = handOfProcess()
  return hand === null ? startKeeperHere(codeCache) : hand.startKeeper(codeCache)
}

const plain = { workdir: "", env: {}, stdin: null, network: null, cacheWritable: false } as const

type Performed = Omit<Keeper, "pid" | "ended" | typeof Symbol.asyncDispose>

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
