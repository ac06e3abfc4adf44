import { mkdir, rm, stat } from "node:fs/promises"
import { join } from "node:path"
import type { RepoFile } from "@twolane/common/guardrails/repo-file"
import { branchOf } from "@twolane/protocol"
import type { Mirror } from "../git/mirror.ts"
import { listTags } from "../git/resolve.ts"
import { addWorktree, releaseLeftovers, releaseWorktree, type Worktree } from "../git/worktree.ts"
import type { JailProxy } from "../jail/proxy.ts"
import type { Room } from "../jail/room.ts"
import { type Keeper, startKeeperFor } from "../keeper/client.ts"
import type { SetupFailure } from "../prepare/prepare.ts"
import { copyIncluded, copyShares } from "../prepare/shares.ts"
import { type Ground, keep } from "./ground.ts"
import { openNetwork, type TakenOver, takeOverSetup } from "./setup.ts"

/** What a room is made for: a commit of a repo, by the rules of the repo's file at the base. */
export type RoomRequest = {
  task: string
  mirror: Mirror
  commit: string
  base: string
  file: RepoFile
  secrets: Readonly<Record<string, string>>
}

/** A checked-out, prepared tree with its keeper. Disposing it kills what runs there and takes it away. */
export type FurnishedRoom = AsyncDisposable & {
  ok: true
  keeper: Keeper
  /** The way out for commands, when the repo's file names hosts. */
  network: JailProxy["network"] | null
  /** A folder of ours that no jail sees. */
  folder: string
  setup: TakenOver["setup"]
}

let made = 0

/** Makes a room: checkout, what the setup left, the way out, and beside them the keeper. */
export const furnish = async (
  ground: Ground,
  wanted: RoomRequest,
  signal: AbortSignal,
): Promise<FurnishedRoom | SetupFailure> => {
  await sweepOnce(ground, wanted.mirror)
  const taken = await takeOverSetup(ground, wanted, signal)
  if (!taken.ok) return taken
  made += 1
  const folder = join(ground.folder, `${wanted.task}-${made}`)
  await using undo = new AsyncDisposableStack()
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const proxy = await openNetwork(wanted.file.network.run)
  if (proxy !== null) undo.use(proxy)
  const room = makeRoom(ground, wanted, { folder, taken, undo }, signal)
  const { sandbox, etc } = ground
  const provedAt = () => ground.proofs.get(wanted.task)?.() ?? performance.now()
  const keeper = undo.use(await startKeeperFor(room, { sandbox, etc, provedAt }, signal))
  const all = undo.move()
  return {
    ok: true,
    keeper,
    network: proxy?.network ?? null,
    folder,
    setup: taken.setup,
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  }
}

/** What a room is made with; `undo` takes it away again, after the keeper. */
type Making = { folder: string; taken: TakenOver; undo: AsyncDisposableStack }

const makeRoom = async (
  ground: Ground,
  wanted: RoomRequest,
  { folder, taken, undo }: Making,
  signal: AbortSignal,
): Promise<Room> => {
  const { mirror, commit, file } = wanted
  const worktree = await addWorktree(mirror, { path: join(folder, "tree"), commit, checkout: true }, signal)
  undo.defer(async () => {
    const { removed } = await releaseWorktree(mirror, worktree)
    keep(
      ground.removals,
      removed.then(() => rm(folder, { recursive: true, force: true })),
    )
  })
  if (ground.sandbox.mode === "off") await copyShares(worktree.path, taken.shares, signal)
  const source = mirror.remote.source
  if (source.kind === "path") await copyIncluded(source.url, worktree.path, file.include)
  return roomOf(ground, wanted, { worktree, folder, taken }, signal)
}

type Made = { worktree: Worktree; folder: string; taken: TakenOver }

const roomOf = async (
  ground: Ground,
  { task, mirror, file }: RoomRequest,
  { worktree, folder, taken }: Made,
  signal: AbortSignal,
): Promise<Room> => ({
  tree: worktree.path,
  cell: join(folder, "cell"),
  git: {
    objects: join(mirror.dir, "objects"),
    index: worktree.index,
    head: worktree.commit,
    branch: branchOf(task),
    tags: await listTags(mirror, signal),
  },
  shares: ground.sandbox.mode === "off" ? [] : taken.shares,
  cache: taken.cache,
  etc: ground.etc,
  tools: ground.tools,
  env: { ...taken.env, ...file.env },
  limits: ground.limits,
})

/** A worktree whose tree is gone belonged to a worker that was killed. */
const sweepOnce = async (ground: Ground, mirror: Mirror): Promise<void> => {
  if (ground.swept.has(mirror.dir)) return
  ground.swept.add(mirror.dir)
  await releaseLeftovers(mirror, ({ path }) =>
    stat(path).then(
      () => true,
      () => false,
    ),
  )
}
