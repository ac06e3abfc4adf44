import { makeTempFolder } from "@twolane/testkit"
import { type Mirror, openMirror } from "../../packages/workspace/src/git/mirror.ts"
import { operatorEnv } from "../../packages/workspace/src/git/settings.ts"
import { type GeneratedRepo, generateRepo } from "../generated-repo.ts"

/** A generated repository, its mirror as a worker has it, and a folder for worktrees. */
export type MirroredRepo = AsyncDisposable & { source: GeneratedRepo; mirror: Mirror; folder: string }

/** Generates a repository of so many files and mirrors it. */
export const mirrorGenerated = async (files: number, signal: AbortSignal): Promise<MirroredRepo> => {
  await using stack = new AsyncDisposableStack()
  const folder = stack.use(await makeTempFolder("twl-ws-"))
  const source = stack.use(await generateRepo(files))
  const remote = {
    source: { kind: "path", url: source.path, host: null },
    credential: null,
    operator: operatorEnv(),
  } as const
  const mirror = stack.use(
    await openMirror({ dataDir: folder.path, team: "bench", repo: "generated", remote }, signal),
  )
  const owned = stack.move()
  return { source, mirror, folder: folder.path, [Symbol.asyncDispose]: () => owned.disposeAsync() }
}
