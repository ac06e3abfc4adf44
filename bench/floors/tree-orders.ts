import type { JailedSpawn } from "./jailed-spawn.ts"

/** How the holder of a tree learns that it must end it: by a published message, or by looking at a key four times a second. */
export type Hearing = "published" | "polled"

/** What relay and holder are started with; `url` is that of the Redis between them. */
export type HolderInput = { jailed: JailedSpawn; url: string; hearing: Hearing }
/** What the holder says: that it is there, and that its tree runs. */
export type HolderSays = { ready: true } | { held: true }
/** What the relay says when it listens. */
export type RelaySays = HolderSays | { listens: number }

/** Where the order to end is published, or kept to be looked at; and where its end is published. */
export const names = (hearing: Hearing) => ({ order: `bench:${hearing}:end`, gone: `bench:${hearing}:gone` })
