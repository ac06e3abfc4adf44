import { z } from "zod"
import { KeyId } from "./ids.ts"
import { RepoName } from "./requests.ts"
import { Actor } from "./terms.ts"

const at = z.number().int()
/** An id as a platform gives it out. */
const platformId = z
  .string()
  .regex(/^[A-Za-z0-9_-]{1,64}$/, "use the platform's id, such as U024BE7LH, not a name")

export const ChatPlatform = z.enum(["slack", "discord"])
export type ChatPlatform = z.infer<typeof ChatPlatform>

/** Somebody on a platform: in Slack a workspace's and a user's id, in Discord a guild's and a user's. */
export const ChatPerson = z.strictObject({ platform: ChatPlatform, workspace: platformId, user: platformId })
export type ChatPerson = z.infer<typeof ChatPerson>

/** A channel on a platform. */
export const ChatChannelPath = z.strictObject({
  platform: ChatPlatform,
  workspace: platformId,
  channel: platformId,
})
export type ChatChannelPath = z.infer<typeof ChatChannelPath>

/** `POST /v1/chat/links`: from then on that person acts with the rights of this key. */
export const ChatLinkRequest = ChatPerson.extend({ key: KeyId })
export type ChatLinkRequest = z.infer<typeof ChatLinkRequest>

/** Who a person on a platform is here. */
export const ChatLink = z.object({
  ...ChatPerson.shape,
  key: z.string(),
  team: z.string(),
  createdAt: at,
  /** An admin, or, by a code, the owner of the key. */
  createdBy: Actor,
})
export type ChatLink = z.infer<typeof ChatLink>

/** `POST /v1/chat/codes`: said to the bot, it links whoever says it to the key that made it; once, within ten minutes. */
export const ChatCode = z.object({ code: z.string(), expiresAt: at })
export type ChatCode = z.infer<typeof ChatCode>

/** `PUT /v1/chat/channels/:platform/:workspace/:channel`. */
export const ChatChannelRequest = z.strictObject({ repo: RepoName })

/** The repo of the orders in a channel that name none. */
export const ChatChannel = z.object({
  ...ChatChannelPath.shape,
  repo: z.string(),
  createdAt: at,
  createdBy: Actor,
})
export type ChatChannel = z.infer<typeof ChatChannel>
