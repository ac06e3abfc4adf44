import { lockMirror, type Mirror } from "./mirror.ts"
import type { RefChange } from "./objects.ts"
import { pastStaleLocks } from "./stale-locks.ts"

/** Sets a ref that more than one attempt may write, under the mirror's lock. */
export const setSharedRef = async (mirror: Mirror, change: RefChange, signal: AbortSignal): Promise<void> => {
  await using _lock = await lockMirror(mirror.dir, signal)
  await pastStaleLocks(mirror.dir, () => mirror.objects.setRef(change, signal), signal)
}
