import type { Context } from "../context.ts"
import { teamsKey } from "../keys.ts"
import { withDeadline } from "../redis/deadline.ts"

/** All teams that ever wrote. */
export const readTeams = async (context: Context): Promise<string[]> =>
  await withDeadline(context.client.smembers(teamsKey))
