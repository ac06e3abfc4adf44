import { spawn } from "node:child_process"
import { once } from "node:events"
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { makeTempFolder, processesWith } from "@twolane/testkit"
import { afterEach, beforeEach, expect, test, vi } from "vitest"
import { GitFailure, gitText, tryGit } from "../../src/git/git.ts"
import { removeFolder } from "../../src/git/remove-folder.ts"
import { HandLost, startHand } from "../../src/hand/hand.ts"
import { makeMirrored, signal } from "../git/mirrored.ts"
import { keptRoom, sh } from "../keeper/room.ts"

/** `vi.waitFor` gives up within a second by itself. */
const patient = { timeout: 60_000 }

let hand: AsyncDisposable

beforeEach(() => {
  hand = startHand()
})
afterEach(() => hand[Symbol.asyncDispose]())

const parentOf = (pid: number): number =>
  Number(/^PPid:\t(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1])

/** Nobody may have waited for an orphan yet. */
const isThere = (pid: number): boolean => {
  try {
    return !/^State:\tZ/m.test(readFileSync(`/proc/${pid}/status`, "utf8"))
  } catch {
    return false
  }
}

/** The process that starts git: what git is wrapped in says who its parent is. */
const starter = async (): Promise<number> => {
  const wrap = ["sh", "-c", "echo $PPID", "sh"]
  const { stdout } = await tryGit({ command: "rev-parse", args: [], wrap }, signal)
  return Number(stdout.toString("utf8"))
}

test("git and keepers are started by one small process, which this one started", async () => {
  const pid = await starter()
  expect(parentOf(pid)).toBe(process.pid)
  await using kept = await keptRoom()
  expect(parentOf(kept.keeper.pid)).toBe(pid)
  expect(await sh(kept.keeper, "cat a.txt")).toMatchObject({ ended: "exited", output: "one\n" })
})

test("what git says comes back as from a git of this process: bytes, text, refusals", async () => {
  await using made = await makeMirrored({ "a.bin": Buffer.from([0, 255, 10, 13]) })
  const gitDir = made.mirror.dir
  const read = await tryGit({ command: "cat-file", gitDir, args: ["blob", `${made.base}:a.bin`] }, signal)
  expect(read).toEqual({
    code: 0,
    stdout: Buffer.from([0, 255, 10, 13]),
    stderr: "",
    capped: false,
    timedOut: false,
  })
  expect(await gitText({ gitDir, command: "rev-parse", args: [made.base] }, signal)).toBe(made.base)
  const refused = gitText({ gitDir, command: "rev-parse", args: ["--verify", "nowhere"] }, signal)
  await expect(refused).rejects.toThrow(GitFailure)
  await expect(refused).rejects.toMatchObject({
    code: 128,
    stderr: expect.stringContaining("Needed a single revision"),
  })
  const absent = tryGit({ command: "rev-parse", args: [], wrap: ["no-such-program"] }, signal)
  await expect(absent).rejects.toMatchObject({ code: "ENOENT", syscall: "spawn no-such-program" })
})

test("an abort ends what was started, and throws the signal's reason once it is gone", async () => {
  await using folder = await makeTempFolder("twl-hand-")
  const mark = join(folder.path, "pid")
  const stop = new AbortController()
  const wrap = ["sh", "-c", `echo $$ > ${mark}; exec sleep 1000`, "sh"]
  const running = tryGit({ command: "fetch", args: [], wrap }, stop.signal)
  const pid = await vi.waitFor(() => {
    const found = Number(readFileSync(mark, "utf8"))
    expect(found).toBeGreaterThan(0)
    return found
  }, patient)
  stop.abort({ by: "user" })
  await expect(running).rejects.toEqual({ by: "user" })
  expect(isThere(pid)).toBe(false)
})

test("a folder is gone once its removal is answered", async () => {
  await using folder = await makeTempFolder("twl-hand-")
  const tree = join(folder.path, "tree")
  mkdirSync(join(tree, "sub"), { recursive: true })
  writeFileSync(join(tree, "sub", "file"), "x")
  await removeFolder(tree)
  expect(existsSync(tree)).toBe(false)
})

test("a hand that is killed fails what it was doing; keepers go on, and the next order starts another one", async () => {
  const first = await starter()
  await using kept = await keptRoom()
  const wrap = ["sh", "-c", "kill -9 $PPID; exec sleep 0.2", "sh"]
  await expect(tryGit({ command: "fetch", args: [], wrap }, signal)).rejects.toThrow(HandLost)
  expect(await sh(kept.keeper, "echo on")).toMatchObject({ output: "on\n" })
  const second = await starter()
  expect(second).not.toBe(first)
  expect(parentOf(second)).toBe(process.pid)
})

test("a keeper's last words are told, by its hand or, when that is gone, without words", async () => {
  const first = await starter()
  const words = async (killHand: boolean): Promise<string> => {
    const kept = await keptRoom()
    if (killHand) process.kill(first, "SIGKILL")
    process.kill(kept.keeper.pid, "SIGKILL")
    const said = await kept.keeper.ended
    await kept[Symbol.asyncDispose]()
    return said
  }
  expect(await words(false)).toBe("it ended with SIGKILL")
  expect(await words(true)).toBe("its channel was closed")
})

test("many orders at once are all answered", async () => {
  await using folder = await makeTempFolder("twl-hand-")
  const children = await Promise.all(
    Array.from({ length: 20 }, async (_, index) => {
      const [pid] = await Promise.all([starter(), removeFolder(join(folder.path, String(index)))])
      return pid
    }),
  )
  expect(new Set(children).size).toBe(1)
})

// A keeper on its way to a process that is no more is the hard case: Node waits for ever for its receipt. So this one sleeps instead of
// taking it.
test("a hand ends when its process is killed, and so does what it runs and what it just started", async () => {
  const module = JSON.stringify(new URL("../../src/hand/hand.ts", import.meta.url).href)
  const script = `const { startHand, handOfProcess } = await import(${module})
    startHand()
    const wrap = ["sh", "-c", "echo $PPID $$ > $0; exec sleep 1000", process.argv[1]]
    void handOfProcess().startKeeper(process.argv[1] + "-code")
    void handOfProcess().ask("git", { command: "fetch", args: [], wrap }, new AbortController().signal)
    setImmediate(() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0))`
  await using folder = await makeTempFolder("twl-hand-")
  const mark = join(folder.path, "pids")
  const holder = spawn(process.execPath, ["--input-type=module", "-e", script, mark], { stdio: "ignore" })
  const pids = await vi.waitFor(() => {
    const found = readFileSync(mark, "utf8").trim().split(" ").map(Number)
    expect(found.length).toBe(2)
    return found
  }, patient)
  holder.kill("SIGKILL")
  await once(holder, "exit")
  await expect.poll(() => pids.map(isThere)).toEqual([false, false])
  await expect.poll(() => processesWith(words => words.includes(`${mark}-code`))).toEqual([])
})

test("a folder is taken away also where the hand is lost that was to do it", async () => {
  await using folder = await makeTempFolder("twl-hand-")
  const gone = join(folder.path, "gone")
  mkdirSync(gone)
  writeFileSync(join(gone, "a.txt"), "a\n")
  const pid = await starter()
  process.kill(pid, "SIGSTOP")
  const removed = removeFolder(gone)
  process.kill(pid, "SIGKILL")
  await removed
  expect(existsSync(gone)).toBe(false)
})
