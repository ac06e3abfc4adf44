import { join } from "node:path"
import { type Cgroup, joinCgroup } from "../jail/cgroup.ts"
import { makeCell } from "./cell.ts"
import { lookAtChange, stageChanges, statusPaths } from "./changes.ts"
import { type Commands, createCommands } from "./commands.ts"
import { listFiles, searchFiles } from "./find.ts"
import { createOurGit, type OurGit } from "./our-git.ts"
import { applyToTree } from "./patch.ts"
import { openPipes, type Pipes } from "./pipes.ts"
import type {
  Change,
  CommandInput,
  CommandOutcome,
  KeeperPlace,
  KeeperSetup,
  Operations,
} from "./protocol.ts"
import { readPart } from "./read.ts"
import { createRoomLock } from "./room-lock.ts"
import { openTree } from "./tree.ts"

/** The operations of an opened keeper. `onText` hears the output of a live command. */
export type Session = {
  [Name in Exclude<keyof Operations, "begin" | "open">]: (
    input: Operations[Name]["input"],
    signal: AbortSignal,
    onText: (text: string) => void,
  ) => Promise<Operations[Name]["output"]>
} & {
  /** Ends every command, with proof, and gives back what the keeper holds. */
  end(reason: string): Promise<void>
}

/** What waits for a room. */
export type Begun = { pipes: Pipes; cgroup: Cgroup | null }

/** Makes ready what needs no room: the first pipes, and the group. Both take as long as a command's start. */
export const beginSession = async ({ cell, cgroup, limits }: KeeperPlace): Promise<Begun> => ({
  pipes: await openPipes(join(cell, "pipes")),
  cgroup: cgroup === null ? null : joinCgroup(cgroup, limits),
})

/** Opens the room that the keeper was started for. */
export const openSession = ({ pipes, cgroup }: Begun, setup: KeeperSetup): Session => {
  const { room, mode } = setup
  const jailed = mode === "jail"
  makeCell(room, jailed)
  const launcher = { room, pipes, bwrap: jailed ? setup.bwrap : null, cgroup }
  const commands = createCommands(launcher)
  const git = room.git === null ? null : createOurGit(room, jailed, commands)
  const lock = createRoomLock()
  const tree = openTree(room.tree)
  const changed = createChangeList(git)
  return {
    run: (input, signal, onText) =>
      mode === "none"
        ? Promise.resolve(refusal)
        : lock.shared(() => changed.during(() => runCommand(commands, setup, input, signal, onText)), signal),
    read: async input => readPart(tree, input),
    list: (input, signal) => listFiles(needed(git), input.glob, signal),
    search: (input, signal) => searchFiles(needed(git), input, signal),
    patch: ({ patch }, signal) =>
      lock.alone(async () => {
        const outcome = await applyToTree(tree, git, patch, signal)
        if (outcome.ok) changed.add(outcome.files.flatMap(file => [file.path, file.from ?? file.path]))
        return outcome
      }, signal),
    changes: async (_, signal): Promise<Change[]> =>
      (await changed.paths(signal)).map(path => lookAtChange(tree, path)),
    stage: async input => stageChanges(tree, input),
    kill: async () => ({
      killed: await commands.killAll("it was ended"),
      proof: mode === "off" ? "group" : "worker",
    }),
    usage: async () => commands.usage(),
    end: async reason => {
      await commands.killAll(reason)
    },
  }
}

const refusal: CommandOutcome = {
  ended: "refused",
  reason: "this machine has no jail for commands",
  exitCode: null,
  output: "[refused: this machine has no jail for commands]\n",
  truncated: false,
  durationMs: 0,
}

const needed = (git: OurGit | null): OurGit => {
  if (git === null) throw new Error("this room has no git folder")
  return git
}

const runCommand = async (
  commands: Commands,
  { room }: KeeperSetup,
  { live, ...input }: CommandInput,
  signal: AbortSignal,
  onText: (text: string) => void,
): Promise<CommandOutcome> => {
  const { complaint: _, ...outcome } = await commands.run(
    { ...input, git: "agent", outputBytes: room.limits.outputBytes, onText: live ? onText : null },
    signal,
  )
  return outcome
}

/**
 * Which paths may differ from the checked-out commit: those of patches are known; after a command git is asked, once. A
 * path stays on the list when its change is undone, so that a tree made from the list is always right.
 */
const createChangeList = (git: OurGit | null) => {
  const known = new Set<string>()
  let running = 0
  let stale = false
  return {
    add: (paths: string[]): void => {
      for (const path of paths) known.add(path)
    },
    during: async <Value>(act: () => Promise<Value>): Promise<Value> => {
      running += 1
      try {
        return await act()
      } finally {
        running -= 1
        stale = true
      }
    },
    paths: async (signal: AbortSignal): Promise<string[]> => {
      if (git !== null && (stale || running > 0)) {
        stale = false
        for (const path of await statusPaths(git, signal)) known.add(path)
      }
      return [...known].sort()
    },
  }
}
