import { spawn } from "node:child_process"
import { bareEnv } from "./settings.ts"

/** A held lock; disposing it lets the next one in. */
export type Lock = AsyncDisposable

/**
 * `flock(1)` holds the lock and then waits for the end of its standard input, so the kernel frees it when this process
 * dies in whatever way: a stale lock cannot exist. It also works between containers that share the folder.
 */
const holder = (path: string, wait: boolean): [string, string[]] =>
  process.platform === "linux"
    ? [
        "flock",
        ["--exclusive", ...(wait ? [] : ["--nonblock"]), "--no-fork", path, "sh", "-c", "echo; exec cat"],
      ]
    : [
        "perl",
        [
          "-e",
          'use Fcntl ":flock"; open(F, ">>", $ARGV[0]) or exit 2; flock(F, LOCK_EX | $ARGV[1]) or exit 1; $| = 1; print "\\n"; 1 while <STDIN>;',
          path,
          wait ? "0" : "4",
        ],
      ]

/**
 * Takes the lock file at `path` (made when absent), waiting for whoever has it, in this process or another.
 * @throws a system's error where the file cannot be opened: the disk is full, or takes no writes
 */
export const takeLock = async (path: string, signal: AbortSignal): Promise<Lock> => {
  const lock = await hold(path, true, signal)
  if (lock === null)
    throw Object.assign(new Error(`the lock ${path} cannot be taken`), { syscall: "flock", code: "ENOLCK" })
  return lock
}

/** As `takeLock`, but null when somebody has it. */
export const tryLock = (path: string, signal: AbortSignal): Promise<Lock | null> => hold(path, false, signal)

const hold = async (path: string, wait: boolean, signal: AbortSignal): Promise<Lock | null> => {
  signal.throwIfAborted()
  const [program, args] = holder(path, wait)
  const child = spawn(program, args, {
    stdio: ["pipe", "pipe", "ignore"],
    env: bareEnv(),
  })
  child.stdin.on("error", () => undefined)
  const closed = new Promise<void>((resolve, reject) => {
    child.once("error", reject)
    child.once("close", () => resolve())
  })
  const release = async () => {
    child.stdin.end()
    await closed
  }
  const onAbort = () => child.kill("SIGKILL")
  signal.addEventListener("abort", onAbort, { once: true })
  try {
    const held = await Promise.race([
      new Promise<true>(resolve => child.stdout.once("data", () => resolve(true))),
      closed.then(() => false as const),
    ])
    if (signal.aborted) await release()
    signal.throwIfAborted()
    return held ? { [Symbol.asyncDispose]: release } : null
  } finally {
    signal.removeEventListener("abort", onAbort)
  }
}
