import { z } from "zod"
import type { Incoming } from "../incoming.ts"

const Id = z.string().regex(/^\d{15,21}$/)
/** An ordinary message, or an answer to one. */
const kinds: ReadonlySet<number> = new Set([0, 19])

/** A message as Discord's gateway brings it, of people alone. */
const Message = z.object({
  id: Id,
  channel_id: Id,
  guild_id: Id,
  type: z.number(),
  content: z.string(),
  author: z.object({ id: Id, bot: z.boolean().optional(), system: z.boolean().optional() }),
  webhook_id: z.undefined().optional(),
})

/** What somebody wrote on a server, as it is kept until it is worked. `channel` is a thread where it was written in one. */
export const DiscordSpoken = z.object({
  id: Id,
  workspace: Id,
  channel: Id,
  user: Id,
  text: z.string(),
  mentioned: z.boolean(),
})
export type DiscordSpoken = z.infer<typeof DiscordSpoken>

/** Reads an event of the gateway; null for all but what a person wrote. Without the intent for it, what mentions nobody of ours is empty. */
export const readSpoken = (type: string, data: unknown, me: string): DiscordSpoken | null => {
  if (type !== "MESSAGE_CREATE") return null
  const { data: message } = Message.safeParse(data)
  if (message === undefined || !kinds.has(message.type)) return null
  const { author, content } = message
  if (author.bot === true || author.system === true || author.id === me || content === "") return null
  const mention = new RegExp(`<@!?${me}>`, "g")
  return {
    id: message.id,
    workspace: message.guild_id,
    channel: message.channel_id,
    user: author.id,
    text: plain(content.replace(mention, " ")),
    mentioned: content.search(mention) >= 0,
  }
}

/** Discord's tokens as a person reads them. */
const plain = (raw: string): string =>
  raw
    .replace(/<a?(:\w+:)\d+>/g, "$1")
    .replace(/<(@|#)[!&]?(\d+)>/g, "$1$2")
    .trim()

/** Where something was said: a thread, with the channel that it belongs to, or a channel. */
export type DiscordWhere = { channel: string; thread?: string }

/** What was said there, in words of ours. */
export const incomingOf = (
  { workspace, user, text, mentioned }: DiscordSpoken,
  { channel, thread }: DiscordWhere,
): Exclude<Incoming, { kind: "none" }> => {
  const by = { platform: "discord", workspace, user } as const
  const place = { platform: "discord", workspace, channel } as const
  return thread === undefined
    ? { kind: "order", by, place, text }
    : { kind: "reply", by, place: { ...place, thread }, text, mentioned }
}
