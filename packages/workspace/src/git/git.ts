/**
 * The one place that starts git. `gitText` goes through simple-git and serves short local questions; `runGit` and
 * `startGit` spawn git directly, for bytes, for the network (the whole process group can be killed) and for resident
 * processes. Where the process has a hand, all but the resident ones are started by that. Nothing here ever runs on a tree that an
 * agent wrote.
 */
import { type ChildProcess, spawn } from "node:child_process"
import type { Readable, Writable } from "node:stream"
import { derive } from "@twolane/common/lifetime"
import { simpleGit } from "simple-git"
import { handOfProcess } from "../hand/hand.ts"
import { gitVersion, localEnv, settingsFor } from "./settings.ts"

/** The sub-commands that the service uses; there is no way to start another. */
export type GitCommand =
  | "apply"
  | "cat-file"
  | "commit-tree"
  | "config"
  | "diff-tree"
  | "fetch"
  | "for-each-ref"
  | "hash-object"
  | "index-pack"
  | "init"
  | "ls-remote"
  | "ls-tree"
  | "merge-base"
  | "merge-tree"
  | "mktree"
  | "pack-objects"
  | "prune"
  | "prune-packed"
  | "push"
  | "read-tree"
  | "repack"
  | "rev-list"
  | "rev-parse"
  | "status"
  | "symbolic-ref"
  | "update-ref"
  | "worktree"
  | "write-tree"

/** One git call. Variables in `args` stand behind `--end-of-options` or `--`, or were checked by a rule of ours. */
export type GitCall = {
  command: GitCommand
  args: readonly string[]
  /** Absent only where there is no repository (`ls-remote`) or git is to find it (`-C`, a person's own checkout). */
  gitDir?: string
  /** A person's own checkout; never an agent's. */
  checkout?: string
  workTree?: string
  env?: Readonly<Record<string, string>>
  /** Further `name=value` settings. */
  config?: readonly string[]
  /** Standard input. */
  input?: string | Uint8Array
  /** What git's helpers read from file descriptor 3: the way a credential goes. */
  secret?: string
  /** A program with its arguments that runs git as its command, such as `ssh-agent`. */
  wrap?: readonly string[]
  /** At most so much output is kept; git is killed when it has more to say (`capped`). */
  maxBytes?: number
  timeoutMs?: number
}

/** How a git call ended. `code` is null when a signal ended it. */
export type GitEnd = {
  code: number | null
  stdout: Buffer
  stderr: string
  capped: boolean
  timedOut: boolean
}

/** git said no: its exit code and what it wrote. */
export class GitFailure extends Error {
  readonly code: number | null
  readonly stderr: string
  constructor(command: GitCommand, code: number | null, stderr: string) {
    super(`git ${command} failed (${code ?? "killed"}): ${stderr.trim().slice(-1_000)}`)
    this.name = "GitFailure"
    this.code = code
    this.stderr = stderr
  }
}

const defaultMaxBytes = 64 * 1024 * 1024
const defaultTimeoutMs = 300_000
const maxStderrBytes = 64 * 1024

const argvOf = async (call: GitCall): Promise<string[]> => [
  "git",
  ...(call.checkout === undefined ? [] : ["-C", call.checkout]),
  ...(call.gitDir === undefined ? [] : [`--git-dir=${call.gitDir}`]),
  ...(call.workTree === undefined ? [] : [`--work-tree=${call.workTree}`]),
  "--no-pager",
  "--literal-pathspecs",
  ...[...settingsFor(await gitVersion()), ...(call.config ?? [])].flatMap(setting => ["-c", setting]),
  call.command,
  ...call.args,
]

/** A running git whose pipes are there, as `startGit` gives it. */
export type GitChild = ChildProcess & { stdin: Writable; stdout: Readable; stderr: Readable }

/** Starts git in a process group of its own. Whoever starts it must end it (`killGroup`) or wait for its end. */
export const startGit = async (call: GitCall): Promise<GitChild> => {
  const [program = "git", ...args] = [...(call.wrap ?? []), ...(await argvOf(call))]
  const child = spawn(program, args, {
    cwd: call.checkout ?? call.gitDir ?? "/",
    env: { ...(call.env ?? localEnv()) },
    stdio: call.secret === undefined ? ["pipe", "pipe", "pipe"] : ["pipe", "pipe", "pipe", "pipe"],
    detached: true,
  })
  if (!child.stdin || !child.stdout || !child.stderr) throw new Error("git was started without pipes")
  // A git that ends early closes its pipes; what it says on the way out is the error that counts.
  child.stdin.on("error", () => undefined)
  const third = child.stdio[3]
  if (third && "end" in third) third.on("error", () => undefined).end(call.secret)
  return child as GitChild
}

/** Kills git with everything it started. */
export const killGroup = (child: ChildProcess): void => {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return
  try {
    process.kill(-child.pid, "SIGKILL")
  } catch {
    // ESRCH: the group ended by itself in this moment.
  }
}

const collect = (stream: Readable, maxBytes: number, onFull: () => void): (() => Buffer) => {
  const chunks: Buffer[] = []
  let length = 0
  stream.on("data", (chunk: Buffer) => {
    if (length >= maxBytes) return
    chunks.push(length + chunk.length > maxBytes ? chunk.subarray(0, maxBytes - length) : chunk)
    length += chunk.length
    if (length >= maxBytes) onFull()
  })
  return () => Buffer.concat(chunks)
}

/** Runs git to its end, whatever that is. Throws only the signal's reason, or when git cannot be started. */
export const tryGit = (call: GitCall, signal: AbortSignal): Promise<GitEnd> => {
  const hand = handOfProcess()
  return hand === null ? tryGitHere(call, signal) : hand.ask("git", call, signal)
}

/** As `tryGit`, by a process of this one's. */
export const tryGitHere = async (call: GitCall, signal: AbortSignal): Promise<GitEnd> => {
  signal.throwIfAborted()
  const child = await startGit(call)
  let capped = false
  let timedOut = false
  const onAbort = () => killGroup(child)
  const timer = setTimeout(() => {
    timedOut = true
    killGroup(child)
  }, call.timeoutMs ?? defaultTimeoutMs)
  signal.addEventListener("abort", onAbort, { once: true })
  const stdout = collect(child.stdout, call.maxBytes ?? defaultMaxBytes, () => {
    capped = true
    killGroup(child)
  })
  const stderr = collect(child.stderr, maxStderrBytes, () => undefined)
  const closed = new Promise<number | null>((resolve, reject) => {
    child.once("error", reject)
    child.once("close", code => resolve(code))
    // Something outside the group (an ssh agent) may keep the pipes of a killed git open for a while.
    child.once("exit", (code, by) => by === "SIGKILL" && resolve(code))
  })
  try {
    if (signal.aborted) onAbort()
    child.stdin.end(call.input)
    const code = await closed
    signal.throwIfAborted()
    return { code, stdout: stdout(), stderr: stderr().toString("utf8"), capped, timedOut }
  } finally {
    clearTimeout(timer)
    signal.removeEventListener("abort", onAbort)
  }
}

/** Runs git and gives its output; throws a GitFailure unless it exits with 0. */
export const runGit = async (call: GitCall, signal: AbortSignal): Promise<Buffer> => {
  const end = await tryGit(call, signal)
  if (end.code === 0) return end.stdout
  const why = end.timedOut ? "it took too long" : end.capped ? "its output is too large" : end.stderr
  throw new GitFailure(call.command, end.code, why)
}

/** A short question about one of the service's own repositories. */
export type Question = { gitDir: string; command: GitCommand; args: readonly string[] }

/** What git answered, or how it said no. */
export type TextEnd = { text: string } | { code: number | null; stderr: string }

/** Asks a short question and gives the answer as trimmed text. */
export const gitText = async (question: Question, signal: AbortSignal): Promise<string> => {
  const hand = handOfProcess()
  const end = await (hand === null ? textHere(question, signal) : hand.ask("text", question, signal))
  if ("text" in end) return end.text
  throw new GitFailure(question.command, end.code, end.stderr)
}

/** As `gitText`, by a process of this one's. */
export const textHere = async (question: Question, signal: AbortSignal): Promise<TextEnd> => {
  const env = localEnv()
  // simple-git throws an error of its own around ours, and never lets go of a signal: so a failure is kept aside.
  let failure: Exclude<TextEnd, { text: string }> | undefined
  signal.throwIfAborted()
  using derived = derive(signal)
  const git = simpleGit({
    baseDir: question.gitDir,
    config: settingsFor(await gitVersion()),
    trimmed: true,
    abort: derived.signal,
    timeout: { block: 60_000 },
    allowEnvironment: Object.keys(env).filter(name => name.startsWith("GIT_")),
    // simple-git refuses the hardening itself unless told: exactly the settings of `hardening` and of `localEnv`.
    unsafe: {
      allowUnsafeHooksPath: true,
      allowUnsafeFsMonitor: true,
      allowUnsafePager: true,
      allowUnsafeProtocolOverride: true,
      allowUnsafeConfigPaths: true,
    },
    errors: (error, { exitCode, stdErr }) => {
      if (exitCode === 0 && !error) return undefined
      failure = { code: exitCode, stderr: Buffer.concat(stdErr).toString("utf8") }
      return new Error(failure.stderr)
    },
  })
  try {
    const { gitDir, command, args } = question
    return { text: await git.env(env).raw(`--git-dir=${gitDir}`, command, ...args) }
  } catch (error) {
    signal.throwIfAborted()
    if (failure !== undefined) return failure
    throw error
  }
}
