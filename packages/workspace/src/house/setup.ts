import { join } from "node:path"
import { readHost } from "@twolane/common"
import { listTags } from "../git/tags.ts"
import { readBlob } from "../git/tree-read.ts"
import { addWorktree, releaseWorktree } from "../git/worktree.ts"
import { allowedHost } from "../jail/hosts.ts"
import { type JailProxy, startProxy } from "../jail/proxy.ts"
import type { RoomGit, Share } from "../jail/room.ts"
import { runCacheEnv } from "../prepare/caches.ts"
import { detectSetup, type ReadBase } from "../prepare/detect.ts"
import { preparedKey, toolVersions } from "../prepare/key.ts"
import { cacheFolder, prepare, type SetupFailure } from "../prepare/prepare.ts"
import { findRegistries } from "../prepare/registries.ts"
import type { RoomRequest } from "./furnish.ts"
import type { Ground } from "./ground.ts"

/** What a room takes over from its repository's setup. */
export type TakenOver = {
  ok: true
  shares: Share[]
  /** The repo's downloads, read-only for commands; null when nothing was ever set up. */
  cache: string | null
  env: Record<string, string>
  setup: "none" | "cached" | "ran"
}

/** A setup that takes longer is ended. */
const setupTimeoutMs = 1_200_000
const maxFileBytes = 16 * 1024 * 1024

/** Makes sure that the setup of a commit has run, and answers what its rooms share. Its rules are those of the base. */
export const takeOverSetup = async (
  ground: Ground,
  wanted: RoomRequest,
  signal: AbortSignal,
): Promise<TakenOver | SetupFailure> => {
  const read = readerOf(wanted, signal)
  const setup = await detectSetup(wanted.file.setup, read)
  if (setup === null || ground.sandbox.mode === "none")
    return { ok: true, shares: [], cache: null, env: {}, setup: "none" }
  const root = join(ground.dataDir, "prepared", wanted.mirror.team, wanted.mirror.repo)
  const registries = await findRegistries(wanted.file.network.setup, setup, read)
  const { share } = wanted.file
  const prepared = await prepare(
    {
      root,
      key: await preparedKey({ setup, share, tools: await toolVersions(ground.tools) }, read),
      command: setup.command,
      share,
      checkout: (into, within) => checkOut(wanted, into, within),
      jail: { sandbox: ground.sandbox, etc: ground.etc, tools: ground.tools, limits: ground.limits },
      env: { ...wanted.file.env, ...registries.env },
      secrets: secretsFor(wanted),
      network: { allowed: registries.allowed, upstream: upstreamProxy() },
      timeoutMs: setupTimeoutMs,
    },
    signal,
  )
  if (!prepared.ok) return prepared
  const { shares, fresh } = prepared
  return { ok: true, shares, cache: cacheFolder(root), env: runCacheEnv, setup: fresh ? "ran" : "cached" }
}

/** Lockfiles and manifests of the commit, `twolane.yaml` of the base. */
const readerOf =
  ({ mirror, commit, base }: RoomRequest, signal: AbortSignal): ReadBase =>
  async path => {
    const bytes = await readBlob(mirror, path === "twolane.yaml" ? base : commit, path, maxFileBytes, signal)
    return bytes?.toString("utf8") ?? null
  }

const secretsFor = ({ file, secrets }: RoomRequest): Record<string, string> =>
  Object.fromEntries(
    file.secrets.setup.flatMap(name => (secrets[name] === undefined ? [] : [[name, secrets[name]]])),
  )

const checkOut = async ({ mirror, commit }: RoomRequest, into: string, signal: AbortSignal) => {
  const worktree = await addWorktree(mirror, { path: into, commit, checkout: true }, signal)
  const git: RoomGit = {
    objects: join(mirror.dir, "objects"),
    index: worktree.index,
    head: commit,
    branch: "setup",
    tags: await listTags(mirror, signal),
  }
  return { git, [Symbol.asyncDispose]: async () => (await releaseWorktree(mirror, worktree)).removed }
}

/** The proxy that this machine reaches the world by, when it needs one. */
const upstreamProxy = (): URL | null => {
  const { network } = readHost()
  const address = network.HTTPS_PROXY ?? network.https_proxy ?? network.ALL_PROXY ?? network.all_proxy
  return address === undefined ? null : new URL(address)
}

/** The way out for a repo's commands; null when `network.run` names no host. */
export const openNetwork = async (hosts: readonly string[]): Promise<JailProxy | null> =>
  hosts.length === 0
    ? null
    : startProxy({ allowed: hosts.map(host => allowedHost(host, false)), upstream: upstreamProxy() })
