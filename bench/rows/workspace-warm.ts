import { existsSync } from "node:fs"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { listWorktrees } from "../../packages/workspace/src/git/worktree.ts"
import { openHouse, type WorkspaceHouse } from "../../packages/workspace/src/house/house.ts"
import { probeSandbox } from "../../packages/workspace/src/jail/probe.ts"
import { plainAdd, plainRemove } from "../floors/worktree-add.ts"
import { fiveRounds, inTurns, median, timed } from "../measure.ts"
import { type MirroredRepo, mirrorGenerated } from "../ours/mirror.ts"
import { absolute, type Line, type MeasureRow } from "../row.ts"

const sizes = [1_000, 27_000, 78_000]
const goalMs = 40

/** A whole workspace, ready for commands, that takes a room which stood ready: against `git worktree add` in the same mirror. */
export const run: MeasureRow = async ({ signal }) => {
  const lines: Line[] = []
  for (const files of sizes) {
    await using repo = await mirrorGenerated(files, signal)
    await using house = await openHouse({
      config: {
        dataDir: repo.folder,
        jailPaths: [],
        concurrency: { fast: 2, deep: 2 },
        warmWorkspaces: 1,
      },
      sandbox: await probeSandbox("auto"),
      lane: "deep",
      worker: "bench",
    })
    await warm(repo, house, signal) // the first one is cold: it is what lets a room be made
    const found = await inTurns(
      { floor: () => plain(repo), ours: () => warm(repo, house, signal) },
      fiveRounds(signal),
    )
    const [floor, ours] = [median(found.floor), median(found.ours)]
    const what = `${files.toLocaleString("en")} files, ready for commands`
    lines.push({ ...absolute(what, ours, goalMs), floor, ratio: ours / floor })
  }
  return { lines, profile: [] }
}

const plain = async ({ mirror, folder, source }: MirroredRepo): Promise<number> => {
  const path = join(folder, "plain")
  const took = await timed(() => plainAdd(mirror.dir, path, source.commit))
  await plainRemove(mirror.dir, path)
  return took
}

const warm = async (repo: MirroredRepo, house: WorkspaceHouse, signal: AbortSignal): Promise<number> => {
  const { mirror, source } = repo
  const rest = { checkpoint: null, file: undefined, secrets: {} }
  const startedAt = performance.now()
  const opened = await house.open({ mirror, task: "bench", base: source.commit, ...rest }, signal)
  const took = performance.now() - startedAt
  if (!opened.ok) throw new Error(opened.detail)
  await opened.workspace[Symbol.asyncDispose]()
  await untilReady(repo, signal)
  return took
}

/** Waits until nothing but one finished checkout is registered. */
const untilReady = async ({ mirror }: MirroredRepo, signal: AbortSignal): Promise<void> => {
  for (;;) {
    const trees = await listWorktrees(mirror)
    if (trees.length === 1 && trees.every(({ index }) => existsSync(index))) break
    await sleep(100, undefined, { signal })
  }
  // Its keeper starts beside it, and what was released is removed behind.
  await sleep(1_500, undefined, { signal })
}
