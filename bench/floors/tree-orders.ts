import type { JailedSpawn } from "./jailed-spawn.ts"

/** What the holder of a tree is started with; `polls` is the URL of the Redis to look at. */
export type HolderInput = { jailed: JailedSpawn; polls: string | null }
/** What it is told. */
export type HolderHears = { do: "hold" } | { do: "kill" }
/** What it says. */
export type HolderSays = { ready: true } | { held: true } | { gone: true }

/** The key that the polling holder looks at. */
export const pollKey = "bench:cancel"
