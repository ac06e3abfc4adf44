import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { setPriority } from "node:os"
import type { Writable } from "node:stream"
import { jailArgs } from "../../packages/workspace/src/jail/args.ts"
import type { Room } from "../../packages/workspace/src/jail/room.ts"

/** What a bare jailed spawn needs to know. */
export type JailedSpawn = { bwrap: string; room: Room; command: string }

const niceness = 10

/**
 * Starts a command in bubblewrap with the very arguments that ours has, and nothing else: no limits, no watch, no cap on
 * the output, no proof. The room's cell must be there (a keeper makes it).
 */
export const startJailed = ({ bwrap, room, command }: JailedSpawn): ChildProcess => {
  const run = {
    git: "agent",
    workdir: "",
    env: {},
    network: null,
    cacheWritable: false,
    commandFd: 5,
  } as const
  const child: ChildProcess = spawn(bwrap, ["--args", "3", "--", "/bin/bash", "/run/twolane/command"], {
    env: {},
    stdio: ["ignore", "pipe", "pipe", "pipe", "pipe", "pipe"],
  })
  // Ours gives way to the worker; on a busy machine that choice, and not its cost, would be what is measured.
  if (child.pid !== undefined) setPriority(child.pid, niceness)
  end(child.stdio[3], `${jailArgs(room, run).join("\0")}\0`)
  end(child.stdio.at(5), command)
  child.stdout?.resume()
  child.stderr?.resume()
  return child
}

/** Runs it to its end; answers its exit code. */
export const runJailed = async (wanted: JailedSpawn): Promise<number | null> => {
  const [code] = await once(startJailed(wanted), "close")
  return code
}

const end = (pipe: unknown, text: string): void => {
  const writable = pipe as Writable
  writable.on("error", () => {}) // the jail's exit says what went wrong
  writable.end(text)
}
