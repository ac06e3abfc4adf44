/** What Slack refuses in messages and forms: its documented limits, and what must be there. */
import { z } from "zod"

const plain = (max: number) =>
  z.object({ type: z.literal("plain_text"), text: z.string().min(1).max(max), emoji: z.boolean().optional() })
const mrkdwn = (max: number) =>
  z.strictObject({
    type: z.literal("mrkdwn"),
    text: z.string().min(1).max(max),
    verbatim: z.boolean().optional(),
  })
const Confirm = z.strictObject({
  title: plain(100),
  text: z.union([plain(300), mrkdwn(300)]),
  confirm: plain(30),
  deny: plain(30),
})
const Button = z.strictObject({
  type: z.literal("button"),
  text: plain(75),
  action_id: z.string().min(1).max(255),
  value: z.string().max(2_000).optional(),
  url: z.url().max(3_000).optional(),
  style: z.enum(["primary", "danger"]).optional(),
  confirm: Confirm.optional(),
})
const id = { block_id: z.string().max(255).optional() }
const Block = z.discriminatedUnion("type", [
  z
    .strictObject({
      ...id,
      type: z.literal("section"),
      text: z.union([plain(3_000), mrkdwn(3_000)]).optional(),
      fields: z
        .array(z.union([plain(2_000), mrkdwn(2_000)]))
        .min(1)
        .max(10)
        .optional(),
    })
    .refine(
      ({ text, fields }) => text !== undefined || fields !== undefined,
      "a section has a text or fields",
    ),
  z.strictObject({
    ...id,
    type: z.literal("context"),
    elements: z
      .array(z.union([plain(3_000), mrkdwn(3_000)]))
      .min(1)
      .max(10),
  }),
  z.strictObject({ ...id, type: z.literal("actions"), elements: z.array(Button).min(1).max(25) }),
  z.strictObject({ ...id, type: z.literal("divider") }),
  z.strictObject({ ...id, type: z.literal("header"), text: plain(150) }),
])
const Blocks = z.array(Block).max(50)

const View = z.object({
  type: z.literal("modal"),
  callback_id: z.string().max(255),
  private_metadata: z.string().max(3_000).optional(),
  title: plain(24),
  submit: plain(24),
  close: plain(24).optional(),
  blocks: z
    .array(
      z.object({
        type: z.literal("input"),
        block_id: z.string().max(255),
        label: plain(2_000),
        element: z.object({
          type: z.literal("plain_text_input"),
          action_id: z.string().max(255),
          multiline: z.boolean().optional(),
          max_length: z.number().int().min(1).max(3_000).optional(),
          placeholder: plain(150).optional(),
        }),
      }),
    )
    .min(1)
    .max(100),
})

type Fields = Readonly<Record<string, string | undefined>>
const maxText = 40_000

/** The error by which Slack would refuse what a message is of; null when it would not. */
export const faultOfPost = ({ channel, text, blocks }: Fields): string | null => {
  if (!channel) return "channel_not_found"
  if (!text && !blocks) return "no_text"
  if ((text ?? "").length > maxText) return "msg_too_long"
  return blocks === undefined || Blocks.safeParse(JSON.parse(blocks)).success ? null : "invalid_blocks"
}

/** The error by which Slack would refuse a form. */
export const faultOfForm = ({ trigger_id, view }: Fields): string | null => {
  if (!trigger_id) return "invalid_arguments"
  return View.safeParse(JSON.parse(view ?? "null")).success ? null : "invalid_arguments"
}

/** The error by which Slack would refuse to list messages. */
export const faultOfPage = ({ channel, limit }: Fields): string | null => {
  if (!channel) return "channel_not_found"
  return Number(limit ?? 100) > 999 ? "invalid_limit" : null
}

const history = ["channels:history", "groups:history", "im:history"]

/** The scopes that a bot's token needs for what is called here: reading needs that of each kind of channel. */
export const slackMethodScopes: Readonly<Record<string, readonly string[]>> = {
  "auth.test": [],
  "chat.postMessage": ["chat:write"],
  "chat.update": ["chat:write"],
  "conversations.history": history,
  "conversations.replies": history,
  "views.open": [],
}

/** The scopes that Slack asks for before it sends an event. */
export const slackEventScopes: Readonly<Record<string, readonly string[]>> = {
  app_mention: ["app_mentions:read"],
  "message.channels": ["channels:history"],
  "message.groups": ["groups:history"],
  "message.im": ["im:history"],
}
