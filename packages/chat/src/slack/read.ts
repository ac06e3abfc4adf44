import { escapeSlackText, unescapeSlackText } from "@chat-adapter/slack/format"
import {
  parseSlackWebhookBody,
  type SlackBlockActionsPayload,
  type SlackSlashCommandPayload,
  type SlackViewSubmissionPayload,
} from "@chat-adapter/slack/webhook"
import { TaskId, TurnId } from "@twolane/protocol"
import { z } from "zod"
import { readClick } from "../card/card.ts"
import type { Incoming, Person, Place } from "../incoming.ts"
import { noteAction, noteBlock, noteForm } from "./form.ts"

const none: Incoming = { kind: "none" }

/** A message as events bring it, of people alone: programs and edits have a `bot_id` or a `subtype`. */
const Message = z.object({
  type: z.enum(["message", "app_mention"]),
  subtype: z.literal("thread_broadcast").optional(),
  bot_id: z.undefined().optional(),
  user: z.string().min(1),
  user_team: z.string().optional(),
  channel: z.string().min(1),
  channel_type: z.string().optional(),
  ts: z.string().min(1),
  thread_ts: z.string().optional(),
  text: z.string(),
})
const Envelope = z.object({
  team_id: z.string().min(1),
  event: Message,
  authorizations: z.array(z.object({ user_id: z.string(), is_bot: z.boolean() })).optional(),
})

/**
 * Reads what Slack sent, after its signature was found right.
 * @throws SlackWebhookParseError for a body that is none of Slack's.
 */
export const readSlack = (body: string, contentType: string): Incoming => {
  const payload = parseSlackWebhookBody(body, { contentType })
  switch (payload.kind) {
    case "slash_command":
      return readCommand(payload)
    case "block_actions":
      return readClicked(payload)
    case "view_submission":
      return readForm(payload)
    case "app_mention":
    case "direct_message":
    case "unsupported":
      return readMessage(body)
    default:
      return none
  }
}

/** The challenge by which Slack asks whether an address is ours; null for anything else. */
export const readChallenge = (body: string, contentType: string): string | null => {
  const payload = parseSlackWebhookBody(body, { contentType })
  return payload.kind === "url_verification" ? payload.challenge : null
}

const readMessage = (body: string): Incoming => {
  const parsed = Envelope.safeParse(jsonOf(body))
  if (!parsed.success) return none
  const { team_id: workspace, event, authorizations = [] } = parsed.data
  const bot = authorizations.find(({ is_bot }) => is_bot)?.user_id
  const by: Person = { platform: "slack", workspace: event.user_team ?? workspace, user: event.user }
  const place: Place = { platform: "slack", workspace, channel: event.channel }
  const { mentioned, text } = withoutMention(event.text, bot)
  const direct = event.channel_type === "im"
  // Slack sends a mention twice, as what it is and as a message.
  if (event.type === "message" && mentioned && !direct) return none
  if (event.thread_ts !== undefined)
    return {
      kind: "reply",
      by,
      place: { ...place, thread: event.thread_ts },
      text,
      mentioned: mentioned || direct,
    }
  if (event.type === "message" && !direct) return none
  return { kind: "order", by, place: { ...place, thread: event.ts }, text }
}

const jsonOf = (body: string): unknown => {
  try {
    return JSON.parse(body)
  } catch {
    // A form of a kind that is not ours.
    return null
  }
}

const withoutMention = (raw: string, bot: string | undefined): { mentioned: boolean; text: string } => {
  if (bot === undefined || !raw.includes(`<@${bot}`)) return { mentioned: false, text: plain(raw) }
  const pattern = new RegExp(`<@${bot}(?:\\|[^>]*)?>`, "g")
  return { mentioned: true, text: plain(raw.replace(pattern, " ")) }
}

/** Slack's tokens as a person reads them: people and channels by name where Slack says one, links by their address. */
const plain = (raw: string): string =>
  unescapeSlackText(
    raw.replace(/<([^<>]*)>/g, (_token, inside: string) => {
      const [target = "", label] = inside.split("|")
      if (/^https?:/.test(target))
        return label === undefined || target.includes(label) ? target : `${label} (${target})`
      return `${target.startsWith("#") ? "#" : "@"}${label ?? target.replace(/^[@#!]/, "")}`.replace(
        "@@",
        "@",
      )
    }),
  ).trim()

const readCommand = ({
  teamId,
  userId,
  channelId,
  text,
  responseUrl,
}: SlackSlashCommandPayload): Incoming => {
  if (teamId === undefined || userId === "" || channelId === "") return none
  return {
    kind: "order",
    by: { platform: "slack", workspace: teamId, user: userId },
    place: { platform: "slack", workspace: teamId, channel: channelId },
    // Slack escapes what is typed only where the command asks for it.
    text: plain(/<[@#!]|&(?:amp|lt|gt);/.test(text) ? text : escapeSlackText(text)),
    ...(responseUrl === undefined ? {} : { aside: { platform: "slack", to: responseUrl } }),
  }
}

const readClicked = (payload: SlackBlockActionsPayload): Incoming => {
  const { teamId, userId, user, channelId, threadTs, messageTs, responseUrl, triggerId } = payload
  const [action] = payload.actions
  const click = action === undefined ? null : readClick(action.actionId, action.value ?? "")
  const thread = threadTs ?? messageTs
  if (click === null || teamId === undefined || channelId === undefined || thread === undefined) return none
  return {
    kind: "click",
    by: { platform: "slack", workspace: user?.teamId ?? teamId, user: userId },
    place: { platform: "slack", workspace: teamId, channel: channelId, thread },
    click,
    ...(responseUrl === undefined ? {} : { aside: { platform: "slack", to: responseUrl } }),
    ...(triggerId === undefined ? {} : { trigger: triggerId }),
  }
}

const Form = z.object({ task: TaskId, turn: TurnId, channel: z.string().min(1), thread: z.string().min(1) })

const readForm = ({
  teamId,
  userId,
  user,
  callbackId,
  privateMetadata,
  values,
}: SlackViewSubmissionPayload): Incoming => {
  if (callbackId !== noteForm || teamId === undefined) return none
  const about = Form.safeParse(jsonOf(privateMetadata ?? ""))
  const said = values?.find(({ blockId, actionId }) => blockId === noteBlock && actionId === noteAction)
  if (!about.success || said?.value === undefined) return none
  const { task, turn, channel, thread } = about.data
  return {
    kind: "note",
    by: { platform: "slack", workspace: user?.teamId ?? teamId, user: userId },
    place: { platform: "slack", workspace: teamId, channel, thread },
    task,
    turn,
    text: said.value,
  }
}
