import type { Context } from "../context.ts"
import { readDropped } from "./dropped.ts"
import { joinArchive } from "./join.ts"
import type { ArchiveStore } from "./port.ts"
import { sweepArchive } from "./sweep.ts"

/** The store's calls about the archive. */
export const archiveCalls = (context: Context): ArchiveStore => {
  const { archive } = context
  return {
    join: how => joinArchive(context, archive?.shelf ?? null, how),
    sweep: async (policy, mayGoOn) =>
      archive === null
        ? { archived: 0, bytes: 0, dropped: 0, failed: 0 }
        : await sweepArchive(context, archive, policy, mayGoOn),
    dropped: after => readDropped(context, after),
  }
}
