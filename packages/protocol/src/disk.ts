import { z } from "zod"

const bytes = z.number().int().nonnegative()
const at = z.number().int()

/** What a repo takes on one machine. */
export const DiskItem = z.object({
  repo: z.string(),
  host: z.string(),
  mirrorBytes: bytes,
  /** What setups left for its tasks. */
  preparedBytes: bytes,
  /** What its package managers downloaded. */
  cacheBytes: bytes,
  /** Checked-out trees, of tasks at work and those that are kept warm. */
  workspaceBytes: bytes,
  /** When it was last tidied there. */
  reclaimedAt: at.optional(),
  /** Why that left what setups had prepared. */
  kept: z.string().optional(),
})
export type DiskItem = z.infer<typeof DiskItem>

/** What the team's repos take on each machine, and what is free there. */
export const DiskView = z.object({
  hosts: z.array(z.object({ host: z.string(), at, freeBytes: bytes, totalBytes: bytes })),
  items: z.array(DiskItem),
})
export type DiskView = z.infer<typeof DiskView>
