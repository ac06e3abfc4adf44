import { writeFile } from "node:fs/promises"
import { join } from "node:path"
import { orAborted } from "@twolane/common"
import type { RepoFile } from "@twolane/common/guardrails/repo-file"
import { branchOf } from "@twolane/protocol"
import { taskFile } from "../disk/measure.ts"
import type { Mirror } from "../git/mirror.ts"
import { releaseTreeless, type Worktree } from "../git/worktree.ts"
import type { JailProxy } from "../jail/proxy.ts"
import type { Room } from "../jail/room.ts"
import type { Keeper } from "../keeper/client.ts"
import type { SetupFailure } from "../prepare/prepare.ts"
import { copyIncluded, copyShares } from "../prepare/shares.ts"
import { type BegunRoom, beginRoom, cellOf } from "./begin-room.ts"
import type { Ground } from "./ground.ts"
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

/**
 * Makes a room: checkout, what the setup left, the way out, and the keeper. One that was begun before saves its checkout and its
 * keeper's start; it is used up, whatever becomes of it.
 */
export const furnish = async (
  ground: Ground,
  wanted: RoomRequest,
  begunBefore: BegunRoom | null,
  signal: AbortSignal,
): Promise<FurnishedRoom | SetupFailure> => {
  await sweepOnce(ground, wanted.mirror)
  const begun = begunBefore ?? ground.ready.take(wanted.mirror)
  if (begun !== null)
    try {
      return await furnishBegun(ground, wanted, begun, signal)
    } catch {
      // What broke it while it stood there is no fault of the task's.
      signal.throwIfAborted()
    }
  return furnishBegun(ground, wanted, beginRoom(ground, { ...wanted, owner: wanted.task }), signal)
}

const furnishBegun = async (
  ground: Ground,
  wanted: RoomRequest,
  begun: BegunRoom,
  signal: AbortSignal,
): Promise<FurnishedRoom | SetupFailure> => {
  await using undo = new AsyncDisposableStack()
  undo.use(begun)
  const proxy = await openNetwork(wanted.file.network.run)
  if (proxy !== null) undo.use(proxy)
  const [taken, worktree, tags] = await Promise.all([
    takeOverSetup(ground, wanted, signal),
    checkedOut(begun, wanted, signal),
    begun.tags(),
  ])
  if (!taken.ok) return taken
  await fill(ground, wanted, { worktree, taken }, signal)
  const room = roomOf(ground, wanted, { worktree, tags, taken, folder: begun.folder })
  const provedAt = () => ground.proofs.get(wanted.task)?.() ?? performance.now()
  const idle = await orAborted(begun.keeper, signal)
  const keeper = undo.use(await idle.open({ room, provedAt }, signal))
  const all = undo.move()
  return {
    ok: true,
    keeper,
    network: proxy?.network ?? null,
    folder: begun.folder,
    setup: taken.setup,
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  }
}

/** The room's checkout at the wanted commit. One that stood ready is its task's from then on, to whoever counts what tasks take. */
const checkedOut = async (
  begun: BegunRoom,
  { task, commit }: RoomRequest,
  signal: AbortSignal,
): Promise<Worktree> => {
  const worktree = await begun.at(commit, signal)
  if (begun.owner !== task) await writeFile(join(begun.folder, taskFile), task)
  return worktree
}

type Made = { worktree: Worktree; tags: Record<string, string>; taken: TakenOver; folder: string }

/** Brings into the tree what no commit has. */
const fill = async (
  { sandbox }: Ground,
  { mirror, file }: RoomRequest,
  { worktree, taken }: Pick<Made, "worktree" | "taken">,
  signal: AbortSignal,
): Promise<void> => {
  if (sandbox.mode === "off") await copyShares(worktree.path, taken.shares, signal)
  const { source } = mirror.remote
  if (source.kind === "path") await copyIncluded(source.url, worktree.path, file.include)
}

const roomOf = (
  ground: Ground,
  { task, mirror, file }: RoomRequest,
  { worktree, tags, taken, folder }: Made,
): Room => ({
  tree: worktree.path,
  cell: cellOf(folder),
  git: {
    objects: join(mirror.dir, "objects"),
    index: worktree.index,
    head: worktree.commit,
    branch: branchOf(task),
    tags,
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
  await releaseTreeless(mirror)
}
