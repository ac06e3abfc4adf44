import { rm } from "node:fs/promises"
import { join } from "node:path"
import type { Workspace } from "@twolane/agent"
import type { Config } from "@twolane/common"
import { defaultRepoFile, type RepoFile } from "@twolane/common/guardrails/repo-file"
import { Fault, type Lane } from "@twolane/protocol"
import type { Mirror } from "../git/mirror.ts"
import type { Sandbox } from "../jail/probe.ts"
import { KeeperLost } from "../keeper/client.ts"
import { type FurnishedRoom, furnish, type RoomRequest } from "./furnish.ts"
import { type Ground, layGround } from "./ground.ts"
import { keepSpare } from "./spare-room.ts"
import { testCommit } from "./tests.ts"
import { openWorkspace, type WorkspaceTrail } from "./workspace.ts"

/** What a turn's workspace is opened for. */
export type WorkspaceRequest = {
  mirror: Mirror
  task: string
  base: string
  /** The tree to go on from; null is the base. */
  checkpoint: string | null
  /** `twolane.yaml` of the base; undefined where there is none. */
  file: RepoFile | undefined
  secrets: Readonly<Record<string, string>>
}

/** A workspace that is ready, or why it could not be made. */
export type OpenedWorkspace =
  | {
      ok: true
      workspace: Workspace
      setup: "none" | "cached" | "ran"
      /** How the whole suite is run, when the repo's file says so. */
      testCommand: string | null
      /** Why commands are refused on this machine; null when they run. */
      noCommands: string | null
    }
  | { ok: false; code: "setup-failed"; detail: string }

/** Where a worker's workspaces are made. Disposing it waits until the released ones are gone. */
export type WorkspaceHouse = AsyncDisposable & {
  /**
   * Until it is disposed, whatever runs for the task ends when its lease was not proved for 6 s, also in a worker that is frozen then:
   * the keeper knows when the last proof was (monotonic, ms).
   */
  hold(task: string, provedAt: () => number): Disposable
  open(wanted: WorkspaceRequest, signal: AbortSignal): Promise<OpenedWorkspace>
  /** Says that tasks of a repo are likely to come: rooms are made ready for them, as they are for each repo that a workspace is opened of. */
  expect(mirror: Mirror): void
  /** Takes away what stands ready for a repo, until it is used again. */
  release(repo: { team: string; repo: string }): void
  /** Runs the targeted tests of a commit that is about to be delivered. Raises `tests-red`. */
  testCommit(
    wanted: Omit<WorkspaceRequest, "checkpoint"> & { commit: string },
    signal: AbortSignal,
  ): Promise<void>
}

/** Opens the house of one worker process. */
export const openHouse = async (options: {
  config: Pick<Config, "dataDir" | "jailPaths" | "concurrency" | "warmWorkspaces">
  sandbox: Sandbox
  worker: string
  /** Whose workspaces they are: a busy machine serves the fast lane first. */
  lane: Lane
}): Promise<WorkspaceHouse> => {
  const { ground, lock } = await layGround(options)
  const { sandbox } = options
  return {
    hold: (task, provedAt) => {
      ground.proofs.set(task, provedAt)
      return {
        [Symbol.dispose]: () => {
          if (ground.proofs.get(task) === provedAt) ground.proofs.delete(task)
        },
      }
    },
    open: async ({ checkpoint, file: given, ...wanted }, signal) => {
      const file = given ?? defaultRepoFile()
      const start = checkpoint ?? wanted.base
      const room = await furnish(ground, { ...wanted, file, commit: start }, null, signal)
      ground.ready.want(wanted.mirror)
      if (!room.ok) return { ok: false, code: "setup-failed", detail: `${room.reason}\n${room.output}` }
      return {
        ok: true,
        workspace: workspaceOf(ground, { ...wanted, file }, room, start),
        setup: room.setup,
        testCommand: file.test.all ?? null,
        noCommands: sandbox.mode === "none" ? sandbox.reason : null,
      }
    },
    expect: mirror => ground.ready.want(mirror),
    release: repo => ground.ready.release(repo),
    testCommit: async ({ file, ...wanted }, signal) => {
      if (sandbox.mode === "none") return
      const request = { selection: "targeted" as const, firstRed: false, onStart: () => undefined }
      const where = { begun: null, since: null, onKilled: () => undefined }
      const room = { ...wanted, file: file ?? defaultRepoFile() }
      const result = await testCommit(ground, room, { ...request, ...where }, signal)
      if (result.status === "passed" || result.status === "flaky" || result.status === "none_selected") return
      throw new Fault("tests-red", `${result.command}: ${result.status}`, {
        extra: { output: result.output },
      })
    },
    [Symbol.asyncDispose]: async () => {
      await ground.ready[Symbol.asyncDispose]()
      await ground.removals.settle()
      // The rooms are gone, and their repos' folders go with them; what a disk refuses the next start sweeps.
      await rm(join(ground.folder, "ready"), { recursive: true, force: true }).catch(() => undefined)
      await lock[Symbol.asyncDispose]()
    },
  }
}

/** A workspace in its room, with a spare one for its tests. */
const workspaceOf = (
  ground: Ground,
  wanted: Omit<RoomRequest, "commit">,
  room: FurnishedRoom,
  start: string,
): Workspace => {
  const trail: WorkspaceTrail = { ...wanted, current: start, since: start === wanted.base ? [] : null }
  const inRoom = openWorkspace(room, trail)
  const spare = keepSpare(ground, wanted)
  let killedInTests = 0
  const onKilled = (processes: number) => {
    killedInTests += processes
  }
  return {
    ...inRoom,
    checkpoint: async (label, signal) => {
      const outcome = await inRoom.checkpoint(label, signal)
      // What was saved is what tests will see, mostly at once.
      if (outcome.saved !== null) spare.advance(trail.current)
      return outcome
    },
    expectTests: () => spare.begin(trail.current),
    test: async (request, signal) => {
      const where = { begun: spare.take(), since: trail.since, onKilled }
      const result = await testCommit(
        ground,
        { ...wanted, commit: trail.current },
        { ...request, ...where },
        signal,
      )
      // There may be more: red ones are followed by the next patch, green ones by the next turn.
      spare.begin(trail.current)
      return result
    },
    kill: async () => {
      const { killed, proof } = await room.keeper.kill().catch(whenLost(ground.sandbox))
      return { killed: killed + killedInTests, proof }
    },
    [Symbol.asyncDispose]: async () => {
      await Promise.all([spare[Symbol.asyncDispose](), room[Symbol.asyncDispose]()])
    },
  }
}

/** A keeper that has ended took its jails along: nothing is left to be killed. How many processes that were nobody counted. */
const whenLost =
  ({ mode }: Sandbox) =>
  (error: unknown): Awaited<ReturnType<Workspace["kill"]>> => {
    if (!(error instanceof KeeperLost)) throw error
    return { killed: 0, proof: mode === "off" ? "group" : "worker" }
  }
