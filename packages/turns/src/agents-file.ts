import { type Mirror, readBlob } from "@twolane/workspace"

const maxAgentsFileBytes = 64 * 1024

/** The repository's own rules for agents, from the base commit; null when it has none. */
export const readAgentsFile = async (
  mirror: Mirror,
  base: string,
  signal: AbortSignal,
): Promise<string | null> =>
  (await readBlob(mirror, base, "AGENTS.md", maxAgentsFileBytes, signal))?.toString("utf8") ?? null
