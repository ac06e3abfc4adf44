import { homedir } from "node:os"
import { dirname, join } from "node:path"
import { addWorktree } from "../../packages/workspace/src/git/worktree.ts"
import { makeEtc } from "../../packages/workspace/src/jail/etc.ts"
import { probeSandbox, type Sandbox } from "../../packages/workspace/src/jail/probe.ts"
import { defaultLimits, type Room } from "../../packages/workspace/src/jail/room.ts"
import { findTools } from "../../packages/workspace/src/jail/tools.ts"
import { mirrorGenerated } from "./mirror.ts"

/** A room as a worker makes it for a task, over a small repository. */
export type BenchRoom = AsyncDisposable & { room: Room; sandbox: Sandbox & { mode: "jail" } }

const files = 200

/** Makes a worktree with its room; the machine must have a jail. */
export const makeRoom = async (signal: AbortSignal): Promise<BenchRoom> => {
  const sandbox = await probeSandbox("required")
  if (sandbox.mode !== "jail") throw new Error("there is no jail here")
  await using stack = new AsyncDisposableStack()
  const { mirror, source, folder } = stack.use(await mirrorGenerated(files, signal))
  const tree = join(folder, "tree")
  const worktree = await addWorktree(mirror, { path: tree, commit: source.commit, checkout: true }, signal)
  const room: Room = {
    tree,
    cell: join(folder, "cell"),
    git: {
      objects: join(mirror.dir, "objects"),
      index: worktree.index,
      head: source.commit,
      branch: "twolane/bench",
      tags: {},
    },
    shares: [],
    cache: null,
    etc: await makeEtc(folder, undefined),
    tools: await findTools({
      env: { PATH: `${dirname(process.execPath)}:/usr/bin:/bin` },
      home: homedir(),
      dataDir: folder,
      execPath: process.execPath,
      jailPaths: [],
    }),
    env: {},
    limits: defaultLimits,
  }
  const owned = stack.move()
  return { room, sandbox, [Symbol.asyncDispose]: () => owned.disposeAsync() }
}
