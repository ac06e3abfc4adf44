import { type DiscordAccess, DiscordSpoken, findDiscordPlace, incomingOf } from "@twolane/chat"
import { Postponed } from "@twolane/common"
import type { Received } from "@twolane/store"
import type { Gateway } from "../gateway.ts"
import type { Arrived, Surface } from "./surface.ts"

const prefix = "message/"
const waitMs = 5_000

/** The id of a message in the inbox; those of interactions are numbers. */
export const spokenId = ({ id }: DiscordSpoken): string => `${prefix}${id}`

/** Whether a delivery is a message that somebody wrote. */
export const isSpoken = ({ id }: Received): boolean => id.startsWith(prefix)

/**
 * A message that somebody wrote, as it comes in. What is written outside of tasks' threads does not say whether it is in a thread: Discord is asked.
 * @throws Postponed when Discord cannot be asked
 */
export const spokenArrived = async (
  gateway: Gateway,
  { surface, access }: { surface: Surface; access: DiscordAccess },
  { id, raw, receivedAt }: Received,
): Promise<Arrived | null> => {
  const spoken = DiscordSpoken.parse(JSON.parse(raw.toString()))
  const { workspace, channel } = spoken
  const place = { platform: "discord", workspace, channel, thread: channel } as const
  if ((await gateway.store.chat.taskIn(place)) !== null)
    return { surface, delivery: id, receivedAt, incoming: incomingOf(spoken, { channel, thread: channel }) }
  const found = await findDiscordPlace(access, channel, gateway.ending)
  if (found.ok) return { surface, delivery: id, receivedAt, incoming: incomingOf(spoken, found) }
  if (found.why === "limited") throw new Postponed("Discord asks to wait", found.retryAfterMs)
  if (found.why === "unsure") throw new Postponed(found.error, waitMs)
  // A channel that we may not see is not one to answer in.
  return null
}
