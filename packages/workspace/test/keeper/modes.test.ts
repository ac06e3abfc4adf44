import { existsSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { expect, test } from "vitest"
import { probeSandbox } from "../../src/jail/probe.ts"
import { KeeperLost } from "../../src/keeper/client.ts"
import { keptRoom, sh, soon } from "./room.ts"

const patchText = "*** Begin Patch\n*** Update File: a.txt\n@@\n-one\n+two\n*** End Patch"

test("without a jail commands are refused, and patches, reads and searches still work", async () => {
  await using kept = await keptRoom({ keeper: { sandbox: { mode: "none", reason: "a test" } } })
  expect(await sh(kept.keeper, "touch ran")).toMatchObject({ ended: "refused", exitCode: null })
  expect(existsSync(join(kept.room.tree, "ran"))).toBe(false)
  expect(await kept.keeper.applyPatch({ patch: patchText }, soon())).toMatchObject({ ok: true })
  expect(await kept.keeper.search({ pattern: "tw.", glob: null }, soon())).toMatchObject({
    lines: ["a.txt:1:two"],
  })
  expect((await kept.keeper.list({ glob: "*.txt" }, soon())).paths).toEqual(["a.txt"])
  expect(await kept.keeper.changes(soon())).toEqual([
    { path: "a.txt", kind: "file", executable: false, bytes: 4 },
  ])
})

test("with the sandbox off a command runs as a group, and kill says that this is its proof", async () => {
  await using kept = await keptRoom({ keeper: { sandbox: await probeSandbox("off") } })
  const done = await sh(kept.keeper, "echo two > a.txt; echo oops >&2; exit 4")
  expect(done).toMatchObject({ ended: "exited", exitCode: 4, output: "oops\n" })
  expect((await kept.keeper.changes(soon())).map(change => change.path)).toEqual(["a.txt"])
  let onOutput: (text: string) => void = () => {}
  const ready = new Promise<void>(resolve => {
    onOutput = () => resolve()
  })
  const run = kept.keeper.run({ command: "sleep 100 & echo $!; wait", timeoutMs: 60_000, onOutput }, soon())
  await ready
  expect(await kept.keeper.kill()).toEqual({ killed: 2, proof: "group" })
  expect(await run).toMatchObject({ ended: "killed" })
  const timedOut = await sh(kept.keeper, "sleep 100", 200)
  expect(timedOut).toMatchObject({ ended: "timed_out" })
})

test("the keeper and its commands have nothing of the worker's environment, and short command lines", async () => {
  process.env.CANARY_TOKEN = "canary-9b1e"
  try {
    await using kept = await keptRoom()
    expect(readFileSync(`/proc/${kept.keeper.pid}/environ`, "utf8")).toBe("")
    const line = readFileSync(`/proc/${kept.keeper.pid}/cmdline`, "utf8")
    expect(line).not.toMatch(/gateway|fast-worker|deep-worker/)
    const env = (await sh(kept.keeper, "env | sort")).output
    expect(env).not.toContain("canary")
    expect(env).toContain("PATH=")
  } finally {
    delete process.env.CANARY_TOKEN
  }
})

test("a room that can't be made fails to open, with the reason", async () => {
  await expect(keptRoom({ room: { cell: "/dev/null/cell" } })).rejects.toThrow("ENOTDIR")
})

test("a keeper that does not answer is killed, and its jails with it", async () => {
  await using kept = await keptRoom({ keeper: { answerTimeoutMs: 300 } })
  let onOutput: (text: string) => void = () => {}
  const jailed = new Promise<void>(resolve => {
    onOutput = () => resolve()
  })
  const run = kept.keeper.run({ command: "echo up; sleep 100", timeoutMs: 60_000, onOutput }, soon())
  const failed = run.catch((error: unknown) => error)
  await jailed
  process.kill(kept.keeper.pid, "SIGSTOP")
  await expect(kept.keeper.kill()).rejects.toBeInstanceOf(KeeperLost)
  expect(await failed).toBeInstanceOf(KeeperLost)
})

test("a keeper that ended keeps its last words", async () => {
  await using kept = await keptRoom()
  writeFileSync(join(kept.folder, "x"), "")
  process.kill(kept.keeper.pid, "SIGKILL")
  expect(await kept.keeper.ended).toBe("it ended with SIGKILL")
  await expect(kept.keeper.changes(soon())).rejects.toThrow("keeper has ended")
})
