import { randomUUID } from "node:crypto"
import { mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { takeLock } from "../git/lock.ts"
import type { AllowedHost } from "../jail/hosts.ts"
import type { Sandbox } from "../jail/probe.ts"
import { startProxy } from "../jail/proxy.ts"
import type { Limits, Room, RoomGit, Share } from "../jail/room.ts"
import type { Tools } from "../jail/tools.ts"
import { type KeeperOptions, startKeeper } from "../keeper/client.ts"
import type { CommandOutcome } from "../keeper/protocol.ts"
import { setupCacheEnv } from "./caches.ts"
import { takeShares } from "./shares.ts"

/** What a repository's setup left behind, ready to be shared by its tasks. `fresh`: it ran for this call. */
export type Prepared = { ok: true; shares: Share[]; fresh: boolean; durationMs: number; output: string }

/** A setup that failed or hung; nothing of it is kept. */
export type SetupFailure = { ok: false; reason: string; output: string; durationMs: number }

/** What it takes to prepare a workspace. */
export type Preparation = {
  /** The folder of the repo's prepared workspaces and of its download cache. */
  root: string
  /** From `preparedKey`. */
  key: string
  command: string
  share: readonly string[]
  /** Fills a folder that is not there yet with the base commit, and answers its git, if it has one. */
  checkout: (into: string, signal: AbortSignal) => Promise<Checkout>
  jail: { sandbox: Sandbox; etc: string; tools: Tools; limits: Limits }
  env: Record<string, string>
  /** Values from the repo's secret store; they are struck out of the output. */
  secrets: Record<string, string>
  network: {
    allowed: readonly AllowedHost[]
    upstream: URL | null
    resolve?: (host: string) => Promise<string[]>
  }
  timeoutMs: number
  onOutput?: (text: string) => void
}

/** A checked-out folder; disposing it takes away what belongs to it elsewhere (its registration in the mirror). */
export type Checkout = AsyncDisposable & { git: RoomGit | null }

/** The repo's download cache: only a setup writes it, every jail of the repo may read it. */
export const cacheFolder = (root: string): string => join(root, "cache")

type Stamp = { shares: string[]; durationMs: number }

/**
 * The prepared workspace of a key: the one that is there, or a new one. Callers in any number of processes wait for one
 * setup. A crash leaves nothing half: it is built aside and appears by one rename.
 */
export const prepare = async (wanted: Preparation, signal: AbortSignal): Promise<Prepared | SetupFailure> => {
  const ready = await findPrepared(wanted)
  if (ready !== null) return ready
  await mkdir(cacheFolder(wanted.root), { recursive: true })
  await using _ = await takeLock(join(wanted.root, `${wanted.key}.lock`), signal)
  const meanwhile = await findPrepared(wanted)
  if (meanwhile !== null) return meanwhile
  await sweepHalves(wanted)
  const building = join(wanted.root, `${wanted.key}${half}${randomUUID()}`)
  try {
    return await build(wanted, building, signal)
  } finally {
    await rm(building, { recursive: true, force: true })
  }
}

const half = ".half-"
const stampName = "ready.json"

const findPrepared = async ({ root, key }: Preparation): Promise<Prepared | null> => {
  const folder = join(root, key)
  const text = await readFile(join(folder, stampName), "utf8").catch(() => null)
  if (text === null) return null
  const stamp = JSON.parse(text) as Stamp
  // Its time says when it was last wanted.
  await utimes(join(folder, stampName), new Date(), new Date())
  return { ok: true, fresh: false, durationMs: stamp.durationMs, output: "", shares: sharesOf(folder, stamp) }
}

const sharesOf = (folder: string, { shares }: Stamp): Share[] =>
  shares.map((path, index) => ({ path, from: join(folder, "shares", `${index}`) }))

/** What a killed worker was building; nobody else is, for we hold the lock. */
const sweepHalves = async ({ root, key }: Preparation): Promise<void> => {
  for (const name of await readdir(root))
    if (name.startsWith(`${key}${half}`)) await rm(join(root, name), { recursive: true, force: true })
}

const build = async (
  wanted: Preparation,
  building: string,
  signal: AbortSignal,
): Promise<Prepared | SetupFailure> => {
  const tree = join(building, "tree")
  await mkdir(building, { recursive: true })
  await using checkout = await wanted.checkout(tree, signal)
  const room: Room = {
    tree,
    cell: join(building, "cell"),
    git: checkout.git,
    shares: [],
    cache: cacheFolder(wanted.root),
    etc: wanted.jail.etc,
    tools: wanted.jail.tools,
    env: wanted.env,
    limits: wanted.jail.limits,
  }
  const outcome = await runSetup(wanted, { room, sandbox: wanted.jail.sandbox }, signal)
  const output = strike(outcome.output, wanted.secrets)
  const { durationMs } = outcome
  if (outcome.ended !== "exited")
    return { ok: false, reason: `the setup was ended: ${outcome.reason}`, output, durationMs }
  if (outcome.exitCode !== 0)
    return { ok: false, reason: `the setup ended with exit code ${outcome.exitCode}`, output, durationMs }
  const fresh = join(building, "fresh")
  const stamp: Stamp = { shares: await takeShares(tree, wanted.share, join(fresh, "shares")), durationMs }
  await writeFile(join(fresh, stampName), JSON.stringify(stamp))
  const folder = join(wanted.root, wanted.key)
  await rename(fresh, folder)
  return { ok: true, fresh: true, durationMs, output, shares: sharesOf(folder, stamp) }
}

const runSetup = async (
  wanted: Preparation,
  options: KeeperOptions,
  signal: AbortSignal,
): Promise<CommandOutcome> => {
  const { command, timeoutMs, secrets, onOutput } = wanted
  await using proxy = await startProxy(wanted.network)
  await using keeper = await startKeeper(options, signal)
  const outcome = await keeper.run(
    {
      command,
      timeoutMs,
      env: { ...setupCacheEnv, ...secrets },
      network: proxy.network,
      cacheWritable: true,
      ...(onOutput === undefined ? {} : { onOutput: lineByLine(text => onOutput(strike(text, secrets))) }),
    },
    signal,
  )
  const refused = [...proxy.refused].sort()
  if (refused.length === 0) return outcome
  const hint = `[The setup asked for hosts that it may not reach: ${refused.join(", ")}. Name them in network.setup of twolane.yaml.]\n`
  return { ...outcome, output: outcome.output + hint }
}

const shortestSecret = 4

/** Strikes the values of secrets out of a text. */
const strike = (text: string, secrets: Record<string, string>): string =>
  Object.values(secrets)
    .filter(value => value.length >= shortestSecret)
    .sort((one, other) => other.length - one.length)
    .reduce((clean, value) => clean.replaceAll(value, "[secret]"), text)

const maxHeldChars = 64 * 1024

/** Whole lines only, so that a value is never cut in two; a line without end goes on after a while. */
const lineByLine = (say: (text: string) => void): ((text: string) => void) => {
  let held = ""
  return text => {
    held += text
    const end = held.lastIndexOf("\n") + 1
    if (end === 0 && held.length < maxHeldChars) return
    const cut = end === 0 ? held.length : end
    say(held.slice(0, cut))
    held = held.slice(cut)
  }
}

/** Removes prepared workspaces that nobody wanted for so long; a task's own takes far less. Answers how many. */
export const prunePrepared = async (root: string, unusedMs: number): Promise<number> => {
  let count = 0
  for (const name of await readdir(root).catch(() => [])) {
    const found = await stat(join(root, name, stampName)).catch(() => null)
    if (found === null || Date.now() - found.mtimeMs < unusedMs) continue
    await rm(join(root, name), { recursive: true, force: true })
    count += 1
  }
  return count
}
