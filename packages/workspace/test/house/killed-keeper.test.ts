import { defaultRepoFile } from "@twolane/common/guardrails/repo-file"
import { keepersOf } from "@twolane/testkit"
import { expect, test } from "vitest"
import { KeeperLost, openHouse, probeSandbox } from "../../src/index.ts"
import { makeMirrored, signal } from "../git/mirrored.ts"

test("a workspace whose keeper was killed is quiet: to kill what runs there is done, and no failure", async () => {
  await using mirrored = await makeMirrored({ "a.txt": "a\n" })
  const { mirror, base, dataDir } = mirrored
  const config = { dataDir, jailPaths: [], concurrency: { fast: 1, deep: 1 }, warmWorkspaces: 0 }
  const sandbox = await probeSandbox("auto")
  await using house = await openHouse({ config, sandbox, worker: "worker_1", lane: "deep" })
  const wanted = { mirror, task: "task_1", base, checkpoint: null, file: defaultRepoFile(), secrets: {} }
  const opened = await house.open(wanted, signal)
  if (!opened.ok) throw new Error(opened.detail)
  await using workspace = opened.workspace
  const begun = Promise.withResolvers<void>()
  const command = { command: "echo up; sleep 100", timeoutMs: 60_000, onOutput: () => begun.resolve() }
  const running = workspace.run(command, signal).catch((error: unknown) => error)
  await begun.promise
  for (const keeper of keepersOf(process.pid)) process.kill(keeper, "SIGKILL")
  expect(await running).toBeInstanceOf(KeeperLost)
  expect(await workspace.kill()).toEqual({ killed: 0, proof: sandbox.mode === "off" ? "group" : "worker" })
})
