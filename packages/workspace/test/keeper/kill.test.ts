import { spawn } from "node:child_process"
import { once } from "node:events"
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { expect, test } from "vitest"
import { KeeperLost } from "../../src/keeper/client.ts"
import { keptRoom, soon } from "./room.ts"

/** Grandchildren in sessions of their own, deaf to signals, each marked so that a survivor can be found on the host. */
const stubborn = (mark: string): string => `
for n in 1 2 3; do
  setsid bash -c "trap '' TERM HUP INT; exec -a ${mark} sleep 1000" &
  nohup bash -c "exec -a ${mark} sleep 1000" >/dev/null 2>&1 &
  (bash -c "exec -a ${mark} sleep 1000" &)
done
while [ "$(grep -lsa "^${mark}" /proc/[0-9]*/cmdline | wc -l)" -lt 9 ]; do sleep 0.02; done
echo ready
wait
sleep 1000`

const processes = (matches: (commandLine: string) => boolean): string[] =>
  readdirSync("/proc").filter(pid => {
    if (!/^\d+$/.test(pid)) return false
    try {
      return matches(readFileSync(`/proc/${pid}/cmdline`, "latin1"))
    } catch {
      // It ended while we looked.
      return false
    }
  })

const survivors = (mark: string): string[] => processes(line => line.startsWith(mark))

const untilReady = () => {
  let onOutput: (text: string) => void = () => {}
  const ready = new Promise<void>(resolve => {
    onOutput = text => {
      if (text.includes("ready")) resolve()
    }
  })
  return { ready, onOutput }
}

test("kill ends grandchildren that left their session, with proof and their count", async () => {
  await using kept = await keptRoom()
  const { ready, onOutput } = untilReady()
  const run = kept.keeper.run({ command: stubborn("tl-kill"), timeoutMs: 60_000, onOutput }, soon())
  await ready
  expect(survivors("tl-kill")).toHaveLength(9)
  const killed = await kept.keeper.kill()
  expect(survivors("tl-kill")).toEqual([])
  expect(killed.proof).toBe("worker")
  expect(killed.killed).toBeGreaterThanOrEqual(11)
  expect(await run).toMatchObject({ ended: "killed", exitCode: null })
  const again = await kept.keeper.run({ command: "echo again", timeoutMs: 9_000 }, soon())
  expect(again.output).toBe("again\n")
})

test("an abort kills the command, waits for the proof, and throws the reason", async () => {
  await using kept = await keptRoom()
  const { ready, onOutput } = untilReady()
  const controller = new AbortController()
  const run = kept.keeper.run(
    { command: stubborn("tl-abort"), timeoutMs: 60_000, onOutput },
    controller.signal,
  )
  await ready
  controller.abort({ by: "user" })
  await expect(run).rejects.toEqual({ by: "user" })
  expect(survivors("tl-abort")).toEqual([])
})

test("what a command leaves in the background ends with it", async () => {
  await using kept = await keptRoom()
  const done = await kept.keeper.run(
    { command: 'setsid bash -c "exec -a tl-left sleep 1000" & sleep 0.2; echo over', timeoutMs: 9_000 },
    soon(),
  )
  expect(done).toMatchObject({ ended: "exited", exitCode: 0, output: "over\n" })
  expect(survivors("tl-left")).toEqual([])
})

test("a killed keeper takes its jails along, and its calls fail as lost", async () => {
  await using kept = await keptRoom()
  const { ready, onOutput } = untilReady()
  const run = kept.keeper.run({ command: stubborn("tl-lost"), timeoutMs: 60_000, onOutput }, soon())
  const failed = run.catch((error: unknown) => error)
  await ready
  process.kill(kept.keeper.pid, "SIGKILL")
  expect(await failed).toBeInstanceOf(KeeperLost)
  await expect.poll(() => survivors("tl-lost")).toEqual([])
})

test("the keeper kills everything and ends once the lease was not proved for its time, though the worker beats", async () => {
  let proved: number | null = null
  const provedAt = () => proved ?? performance.now()
  await using kept = await keptRoom({ keeper: { provedAt, beatTimeoutMs: 2_500 } })
  const { ready, onOutput } = untilReady()
  const run = kept.keeper.run({ command: stubborn("tl-beat"), timeoutMs: 60_000, onOutput }, soon())
  const failed = run.catch((error: unknown) => error)
  await ready
  proved = performance.now()
  expect(await failed).toBeInstanceOf(KeeperLost)
  await kept.keeper.ended
  expect(survivors("tl-beat")).toEqual([])
})

test.each(["SIGSTOP", "SIGKILL"] as const)("a worker that gets %s leaves nothing running", async signal => {
  const folder = mkdtempSync(join(tmpdir(), "twolane-worker-"))
  const worker = spawn(
    process.execPath,
    [fileURLToPath(new URL("worker-fixture.ts", import.meta.url)), `tl-${signal}`],
    {
      env: { ...process.env, TMPDIR: folder },
      stdio: ["ignore", "pipe", "inherit"],
    },
  )
  try {
    const mark = `tl-${signal}`
    await once(worker.stdout, "data", { signal: soon() })
    await expect.poll(() => survivors(mark)).not.toEqual([])
    worker.kill(signal)
    await expect.poll(() => survivors(mark)).toEqual([])
  } finally {
    worker.kill("SIGKILL")
    // The keeper's command line names its folder; it ends on its own.
    await expect.poll(() => processes(line => line.includes(folder))).toEqual([])
    rmSync(folder, { recursive: true, force: true })
  }
})
