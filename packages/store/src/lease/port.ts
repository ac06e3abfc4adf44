/** A short lease: one process of all has it. Two at once, for a moment, must be harmless: whoever holds it compares before it writes. */
export type Lease = {
  held: () => boolean
  /** Takes or keeps the lease; answers whether this process has it. */
  renew: () => Promise<boolean>
  release: () => Promise<void>
  /** Where whoever had it left off; null when nobody said so in the last days. */
  place: () => Promise<string | null>
  /** Says how far it came, for whoever has it next. */
  setPlace: (place: string) => Promise<void>
}

/**
 * A process' candidate for the lease of something that one process of all does at a time; the lease stays for `leaseMs` with a
 * process that says nothing.
 */
export type MakeLease = (name: string, leaseMs: number) => Lease
