import { isFault } from "@twolane/protocol"
import { ConfigError, refusedExitCode } from "./config.ts"

/**
 * What a part says when it can't start, and its exit code: one line where that is all an operator needs. A Redis that does not answer
 * may be there a moment later, so it is no refusal.
 */
export const startFailure = (error: unknown): { text: string; exitCode: number } => {
  if (error instanceof ConfigError) return { text: error.message, exitCode: refusedExitCode }
  if (isFault(error, "store-unavailable")) return { text: `REDIS_URL: ${error.message}`, exitCode: 1 }
  return { text: String(error instanceof Error ? error.stack : error), exitCode: 1 }
}
