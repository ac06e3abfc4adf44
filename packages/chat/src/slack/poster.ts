import {
  assertSlackOk,
  callSlackApi,
  fetchSlackThreadReplies,
  openSlackView,
  postSlackMessage,
  sendSlackResponseUrl,
  updateSlackMessage,
} from "@chat-adapter/slack/api"
import { z } from "zod"
import { type Card, cardOf, small } from "../card/card.ts"
import type { Found, Post, Posted, Poster } from "../posting.ts"
import { slackBlocks } from "./blocks.ts"
import { callSlack, type SlackAccess } from "./call.ts"
import { noteView } from "./form.ts"

/** By what our messages are known again. */
const marker = "twolane_message"
const pageSize = 100
const mostPages = 10
/** Slack's clock and ours may differ so much. */
const skewMs = 120_000

/** Slack's Web API as a poster. It drops no message that comes twice, so each carries its key as metadata, by which it is looked for. */
export const slackPoster = (access: SlackAccess): Poster => ({
  post: ({ channel, thread }, post, signal) =>
    posted(access, signal, options =>
      postSlackMessage({
        ...options,
        channel,
        ...(thread === undefined ? {} : { threadTs: thread }),
        ...slackBlocks(shown(post)),
        metadata: { event_type: marker, event_payload: { key: post.key } },
        unfurlLinks: false,
        unfurlMedia: false,
      }),
    ),
  edit: ({ channel }, ts, post, signal) =>
    posted(access, signal, options =>
      updateSlackMessage({ ...options, channel, ts, ...slackBlocks(shown(post)) }),
    ),
  find: async (place, key, sinceMs, signal) => {
    const oldest = String((sinceMs - skewMs) / 1_000)
    let cursor: string | undefined
    for (let page = 0; page < mostPages; page += 1) {
      const found = await callSlack(
        access,
        options => readPage(options, { ...place, oldest, cursor }),
        signal,
      )
      if (!found.ok) return found
      const message = found.messages.find(each => keyOf(each) === key)
      if (message !== undefined) return { ok: true, sentAs: (message as { ts: string }).ts }
      cursor = found.cursor
      if (cursor === undefined) break
    }
    return { ok: true, sentAs: null } satisfies Found
  },
  answer: async ({ to }, post, signal) => {
    if (!isSlackAddress(to, access))
      return { ok: false, why: "refused", error: "it is no address of Slack's" }
    const { blocks, text } = slackBlocks(shown(post))
    const said = { blocks, text, responseType: "ephemeral", replaceOriginal: false } as const
    return callSlack(
      access,
      async ({ fetch }) => {
        await sendSlackResponseUrl(to, said, fetch === undefined ? {} : { fetch })
        return { ok: true, sentAs: "" }
      },
      signal,
    )
  },
})

/** Opens the form for a note; a trigger is good for three seconds. */
export const openNoteForm = (
  access: SlackAccess,
  triggerId: string,
  about: Parameters<typeof noteView>[0],
  signal: AbortSignal,
): Promise<Posted> =>
  callSlack(
    access,
    async options => {
      await openSlackView({ ...options, triggerId, view: noteView(about) })
      return { ok: true, sentAs: "" }
    },
    signal,
  )

type Options = Parameters<Parameters<typeof callSlack>[1]>[0]

const posted = (
  access: SlackAccess,
  signal: AbortSignal,
  send: (options: Options) => Promise<{ id: string }>,
): Promise<Posted> =>
  callSlack(access, async options => ({ ok: true, sentAs: (await send(options)).id }), signal)

/** Of a message that may be there twice the second one says so. */
const shown = ({ card, again }: Post): Card =>
  again === true
    ? cardOf([...card.children, small("Sent again: Slack did not say whether the first one arrived.")])
    : card

type PageOf = { channel: string; thread?: string; oldest: string; cursor: string | undefined }

const readPage = async (options: Options, { channel, thread, oldest, cursor }: PageOf) => {
  const range = { channel, oldest, limit: pageSize, ...(cursor === undefined ? {} : { cursor }) }
  if (thread !== undefined) {
    const replies = await fetchSlackThreadReplies({
      ...options,
      ...range,
      ts: thread,
      includeAllMetadata: true,
    })
    return { ok: true as const, messages: replies.messages, cursor: replies.nextCursor || undefined }
  }
  const body = { ...range, include_all_metadata: true }
  const page = History.parse(await callSlackApi("conversations.history", body, options))
  return {
    ok: true as const,
    messages: page.messages,
    cursor: page.response_metadata?.next_cursor || undefined,
  }
}

const History = z.object({
  ok: z.literal(true),
  messages: z.array(z.unknown()),
  response_metadata: z.object({ next_cursor: z.string().optional() }).optional(),
})

const Marked = z.object({
  ts: z.string(),
  metadata: z.object({ event_type: z.literal(marker), event_payload: z.object({ key: z.string() }) }),
})

const keyOf = (message: unknown): string | undefined =>
  Marked.safeParse(message).data?.metadata.event_payload.key

/** Slack signs what it sends, its addresses for answers as well; a slip in that must still lead nowhere else. */
const isSlackAddress = (address: string, { apiUrl }: SlackAccess): boolean => {
  if (!URL.canParse(address)) return false
  const { protocol, hostname, origin } = new URL(address)
  return (
    (protocol === "https:" && /^hooks\.slack(?:-gov)?\.com$/.test(hostname)) ||
    origin === new URL(apiUrl).origin
  )
}

/** Whose token it is: the bot and its workspace in words, or why Slack refuses it. */
export const askSlackWho = async (access: SlackAccess, signal: AbortSignal): Promise<Posted> =>
  callSlack(
    access,
    async options => {
      const answer = await callSlackApi("auth.test", {}, options)
      assertSlackOk("auth.test", answer)
      const { user, team, team_id } = answer
      return { ok: true, sentAs: `${String(user)} in ${String(team)} (${String(team_id)})` }
    },
    signal,
  )
