import type { Shelf } from "./archive/shelf.ts"

/** What a store is opened with. */
export type StoreOptions = {
  /** `redis://`, `rediss://`, `unix:///path`, or a comma-separated list for a cluster. */
  url: string
  /** 32 bytes, base64url; encrypts credentials and secrets. */
  secretKey: string
  onError: (error: unknown, where: string) => void
  /** For tests and the chaos suite: shorter leases. Defaults: lease 10 s, beat 1 s, fence 6 s. */
  timing?: { leaseMs: number; beatMs: number; fenceMs: number }
  /** How many records of a team the audit log keeps at least (default 100,000). */
  auditKept?: number
  /** Turns of one repo that may run at once (default 2). */
  perRepo?: number
  /** Where finished tasks go (default: they stay in Redis). */
  archive?: Shelf | undefined
  /** The configured models, which metrics show by their names; any other one is counted as `other` (default: all). */
  models?: readonly string[]
}
