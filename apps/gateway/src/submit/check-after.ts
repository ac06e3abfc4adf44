import { Fault } from "@twolane/protocol"
import type { Gateway } from "../gateway.ts"

/**
 * The tasks that a new one is to wait for, each once; they must be the caller's team's. @throws Fault invalid
 */
export const checkAfter = async (
  { store }: Gateway,
  team: string,
  after: readonly string[] = [],
): Promise<string[]> => {
  if (after.length === 0) return []
  const states = await store.readMany(team, after)
  const errors = states.flatMap((state, index) =>
    state !== null ? [] : [{ path: `after.${index}`, message: "there is no such task" }],
  )
  if (errors.length > 0)
    throw new Fault("invalid", "A task can only wait for tasks that are there.", { errors })
  return [...new Set(after)]
}
