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
  const { sandbox, provedAt = () => performance.now(), beatTimeoutMs = defaultBeatTimeoutMs } = options
  const { answerTimeoutMs = defaultAnswerTimeoutMs } = options
  const { bwrap, cgroup } = sandbox.mode === "jail" ? sandbox : { bwrap: null, cgroup: null }
  room.catch(() => undefined) // it is thrown below
  const { pid, channel, ended, kill: onStuck } = await startProcess(join(dirname(options.etc), "code"))
  const calls = createCalls(channel, { ended, answerTimeoutMs, onStuck })
  const timer = setInterval(() => calls.beat(performance.now() - provedAt()), beatEveryMs)
  timer.unref()
  const dispose = async (): Promise<void> => {
    clearInterval(timer)
    calls.close()
    const late = setTimeout(onStuck, answerTimeoutMs)
    await ended
    clearTimeout(late)
    if (cgroup !== null) removeCgroup(cgroup, pid)
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
    pid,
    ended,
    ...operations(calls),
    [Symbol.asyncDispose]: dispose,
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
