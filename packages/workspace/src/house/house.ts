import type { Workspace } from "@twolane/agent"
import type { Config } from "@twolane/common"
import { defaultRepoFile, type RepoFile } from "@twolane/common/guardrails/repo-file"
import { Fault, type Lane } from "@twolane/protocol"
import type { Mirror } from "../git/mirror.ts"
import type { Sandbox } from "../jail/probe.ts"
import { furnish } from "./furnish.ts"
import { layGround } from "./ground.ts"
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
  /** Runs the targeted tests of a commit that is about to be delivered. Raises `tests-red`. */
  testCommit(
    wanted: Omit<WorkspaceRequest, "checkpoint"> & { commit: string },
    signal: AbortSignal,
  ): Promise<void>
}

/** Opens the house of one worker process. */
export const openHouse = async (options: {
  config: Pick<Config, "dataDir" | "jailPaths">
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
      const room = await furnish(ground, { ...wanted, file, commit: checkpoint ?? wanted.base }, signal)
      if (!room.ok) return { ok: false, code: "setup-failed", detail: `${room.reason}\n${room.output}` }
      const trail: WorkspaceTrail = { ...wanted, current: checkpoint ?? wanted.base }
      let killedInTests = 0
      const onKilled = (processes: number) => {
        killedInTests += processes
      }
      const test: Workspace["test"] = (request, within) =>
        testCommit(ground, { ...wanted, file, commit: trail.current }, { ...request, onKilled }, within)
      const kill: Workspace["kill"] = async () => {
        const { killed, proof } = await room.keeper.kill()
        return { killed: killed + killedInTests, proof }
      }
      return {
        ok: true,
        workspace: { ...openWorkspace(room, trail), test, kill },
        setup: room.setup,
        testCommand: file.test.all ?? null,
        noCommands: sandbox.mode === "none" ? sandbox.reason : null,
      }
    },
    testCommit: async ({ file, ...wanted }, signal) => {
      if (sandbox.mode === "none") return
      const request = { selection: "targeted" as const, firstRed: false, onStart: () => undefined }
      const result = await testCommit(ground, { ...wanted, file: file ?? defaultRepoFile() }, request, signal)
      if (result.status === "passed" || result.status === "flaky" || result.status === "none_selected") return
      throw new Fault("tests-red", `${result.command}: ${result.status}`, {
        extra: { output: result.output },
      })
    },
    [Symbol.asyncDispose]: async () => {
      await Promise.all(ground.removals)
      await lock[Symbol.asyncDispose]()
    },
  }
}
