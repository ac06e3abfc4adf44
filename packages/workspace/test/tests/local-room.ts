import { spawn } from "node:child_process"
import { mkdir, mkdtemp, readFile, rm, stat, symlink, writeFile } from "node:fs/promises"
import { homedir, tmpdir } from "node:os"
import { dirname, join, resolve } from "node:path"
import type { TestRoom } from "../../src/tests/room.ts"

const repository = resolve(import.meta.dirname, "../../../..")

/** A cargo of rustup's finds its toolchains below the user's own home. */
const rustup = process.env.RUSTUP_HOME ?? join(homedir(), ".rustup")

/** A folder with files, on this machine without a jail, in which commands really run. */
export type LocalRoom = TestRoom & AsyncDisposable & { write(path: string, text: string): Promise<void> }

/** Makes a room; it sees this repository's `node_modules`, so that vitest is there. */
export async function makeRoom(files: Record<string, string>): Promise<LocalRoom> {
  const root = await mkdtemp(join(tmpdir(), "twolane-tests-"))
  await symlink(join(repository, "node_modules"), join(root, "node_modules"))
  const room: LocalRoom = {
    async write(path, text) {
      await mkdir(dirname(join(root, path)), { recursive: true })
      await writeFile(join(root, path), text)
    },
    // Only what is not there is null; anything else is a bug of the test.
    read: path => readFile(join(root, path), "utf8").catch(() => null),
    exists: path =>
      stat(join(root, path)).then(
        found => found.isFile(),
        () => false,
      ),
    run: (request, signal) => runShell(root, request, signal),
    [Symbol.asyncDispose]: () => rm(root, { recursive: true, force: true }),
  }
  for (const [path, text] of Object.entries(files)) await room.write(path, text)
  return room
}

/** Files that nothing runs in. */
export const filesOnly = (files: Record<string, string>): TestRoom => ({
  read: async path => files[path] ?? null,
  exists: async path => path in files,
  run: async () => {
    throw new Error("nothing is run here")
  },
})

const runShell = (root: string, request: Parameters<TestRoom["run"]>[0], signal: AbortSignal) =>
  new Promise<Awaited<ReturnType<TestRoom["run"]>>>((done, fail) => {
    signal.throwIfAborted()
    const started = performance.now()
    const path = `${join(repository, "node_modules/.bin")}:${process.env.PATH ?? ""}`
    const child = spawn("bash", ["-c", request.command], {
      cwd: join(root, request.workdir ?? ""),
      env: { PATH: path, HOME: root, CI: "1", RUSTUP_HOME: rustup, ...request.env },
      detached: true,
    })
    let output = ""
    let ended: "exited" | "timed_out" = "exited"
    const kill = () => child.pid !== undefined && process.kill(-child.pid, "SIGKILL")
    const timer = setTimeout(() => {
      ended = "timed_out"
      kill()
    }, request.timeoutMs)
    signal.addEventListener("abort", kill, { once: true })
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding("utf8").on("data", (text: string) => {
        output += text
        request.onOutput?.(text)
      })
    child.on("error", fail)
    child.on("close", exitCode => {
      clearTimeout(timer)
      signal.removeEventListener("abort", kill)
      if (signal.aborted) fail(signal.reason)
      else done({ exitCode, ended, output, truncated: false, durationMs: performance.now() - started })
    })
  })
