import { neverAborted } from "@twolane/common"
import type { Mirror } from "../git/mirror.ts"
import { type BegunRoom, beginRoom } from "./begin-room.ts"
import type { Ground } from "./ground.ts"

/** The room that stands ready for the next tests of one workspace. Disposing it takes it away, and no other one is begun. */
export type SpareRoom = AsyncDisposable & {
  /** Begins one at a commit, unless there is one. */
  begin(commit: string): void
  /** Takes its checkout on to a commit that will be tested. */
  advance(commit: string): void
  /** Gives it to whoever disposes it; null where none is to be had. */
  take(): BegunRoom | null
}

/**
 * No room yet. Of all workspaces of a worker as many have one as it runs turns at once: those that asked for it last. A room is used for
 * one run of the tests, so that none finds what another one left.
 */
export const keepSpare = (ground: Ground, { task, mirror }: { task: string; mirror: Mirror }): SpareRoom => {
  let kept: BegunRoom | null = null
  let closed = false
  const take = (): BegunRoom | null => {
    const taken = kept
    kept = null
    ground.spares.delete(drop)
    if (taken === null || taken.isSound()) return taken
    ground.removals.add(() => taken[Symbol.asyncDispose]())
    return null
  }
  const drop = () => {
    const dropped = take()
    if (dropped !== null) ground.removals.add(() => dropped[Symbol.asyncDispose]())
  }
  return {
    take,
    advance: commit => {
      // Whoever takes it hears of a failure; until then it only waits.
      kept?.at(commit, neverAborted()).catch(() => undefined)
    },
    begin: commit => {
      if (closed) return
      kept = take() ?? ground.ready.take(mirror) ?? beginRoom(ground, { owner: task, mirror, commit })
      ground.spares.add(drop)
      const [oldest] = ground.spares
      if (ground.spares.size > ground.mostSpares) oldest?.()
    },
    [Symbol.asyncDispose]: async () => {
      closed = true
      await take()?.[Symbol.asyncDispose]()
    },
  }
}
