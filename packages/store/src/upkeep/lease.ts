import { newId } from "@twolane/protocol"
import type { Context } from "../context.ts"
import { upkeepLeaseKey } from "../keys.ts"
import { withDeadline } from "../redis/deadline.ts"

/** How long the upkeep stays with a process that says nothing. */
const leaseMs = 3_000

/** The short lease of the one process that does the upkeep. Two at once would be harmless: every act compares before it writes. */
export type UpkeepLease = {
  held: () => boolean
  /** Takes or keeps the lease; answers whether this process has it. */
  renew: () => Promise<boolean>
  release: () => Promise<void>
}

/** Makes this process' candidate for the upkeep. */
export const makeLease = (context: Context): UpkeepLease => {
  const holder = newId("worker")
  let heldUntil = 0
  return {
    held: () => performance.now() < heldUntil,
    renew: async () => {
      const sentAt = performance.now()
      const { client } = context
      const taken = await withDeadline(client.set(upkeepLeaseKey, holder, "PX", leaseMs, "NX"))
      const own = taken === "OK" || (await withDeadline(client.get(upkeepLeaseKey))) === holder
      if (own && taken !== "OK") await withDeadline(client.pexpire(upkeepLeaseKey, leaseMs))
      heldUntil = own ? sentAt + leaseMs : 0
      return own
    },
    release: async () => {
      const held = heldUntil > performance.now()
      heldUntil = 0
      if (held && (await withDeadline(context.client.get(upkeepLeaseKey))) === holder)
        await withDeadline(context.client.del(upkeepLeaseKey))
    },
  }
}
