import { z } from "zod"
import type { Place } from "../incoming.ts"
import type { Found, Post, Posted, Poster } from "../posting.ts"
import { askDiscord, type DiscordAccess, type DiscordCall } from "./call.ts"
import { discordMessage, markOf } from "./message.ts"

/** Discord's epoch, of which its ids are made. */
const epochMs = 1_420_070_400_000
const skewMs = 120_000
const pageSize = 100

const Message = z.object({ id: z.string() })
const Messages = z.array(
  z.object({
    id: z.string(),
    embeds: z.array(z.object({ footer: z.object({ text: z.string() }).optional() })),
  }),
)

/** Discord's API as a poster: a message that comes twice within some minutes is one by its nonce; later it is looked for by its mark. */
export const discordPoster = (access: DiscordAccess): Poster => ({
  post: async (place, post, signal) => {
    const mark = markOf(post.key)
    const path = `/channels/${place.thread ?? place.channel}/messages`
    const { file } = post.card
    const body = { ...shown(post, mark), nonce: mark, enforce_nonce: true }
    const send = (beside: Pick<DiscordCall, "file">) =>
      call(access, { method: "POST", path, body, ...beside }, signal)
    if (file === undefined) return send({})
    const posted = await send({ file })
    // Where the bot may not attach files the message goes without.
    return !posted.ok && posted.why === "refused" ? send({}) : posted
  },
  edit: (place, sentAs, post, signal) => {
    const path = `/channels/${homeOf(place, sentAs)}/messages/${sentAs}`
    return call(access, { method: "PATCH", path, body: shown(post, markOf(post.key)) }, signal)
  },
  find: async ({ channel, thread }, key, sinceMs, signal): Promise<Found> => {
    const after = (BigInt(Math.max(0, Math.floor(sinceMs - skewMs - epochMs))) << 22n).toString()
    const mark = markOf(key)
    const paths = [
      `/channels/${thread ?? channel}/messages?limit=${pageSize}&after=${after}`,
      // The message at which a thread was opened has its id, and stays outside of it.
      ...(thread === undefined ? [] : [`/channels/${channel}/messages?limit=1&around=${thread}`]),
    ]
    for (const path of paths) {
      const answer = await askDiscord(access, { method: "GET", path }, signal)
      if (!answer.ok) return answer
      const seen = Messages.safeParse(answer.body).data ?? []
      const found = seen.find(({ embeds }) => embeds[0]?.footer?.text === mark)
      if (found !== undefined) return { ok: true, sentAs: found.id }
    }
    return { ok: true, sentAs: null }
  },
  answer: ({ to }, post, signal) => {
    const [way, token = ""] = to.split("/")
    const hook = `/webhooks/${access.applicationId}/${encodeURIComponent(token)}`
    const body = shown(post, markOf(post.key))
    return way === "original"
      ? call(access, { method: "PATCH", path: `${hook}/messages/@original`, body }, signal)
      : call(access, { method: "POST", path: hook, body: { ...body, flags: 64 } }, signal)
  },
})

/** Opens a thread at a message, or finds that it is open: a thread has the id of its message. */
export const openDiscordThread = async (
  access: DiscordAccess,
  { channel, message, name }: { channel: string; message: string; name: string },
  signal: AbortSignal,
): Promise<Posted> => {
  const path = `/channels/${channel}/messages/${message}/threads`
  const opened = await call(access, { method: "POST", path, body: { name: name.slice(0, 100) } }, signal)
  return !opened.ok && opened.why === "refused" && opened.error.startsWith("160004")
    ? { ok: true, sentAs: message }
    : opened
}

/** Makes the slash command, or leaves it as it is. */
export const registerDiscordCommand = (access: DiscordAccess, signal: AbortSignal): Promise<Posted> => {
  const order = {
    type: 3,
    name: "order",
    description: "What to do, such as: in api: fix the flaky login test",
    required: false,
  }
  const body = {
    name: "twolane",
    description: "Ask Twolane's agents for something",
    options: [order],
    contexts: [0],
  }
  return call(
    access,
    { method: "POST", path: `/applications/${access.applicationId}/commands`, body },
    signal,
  )
}

/** The channel that a message is in: one at which a thread was opened stays outside of it. */
const homeOf = ({ channel, thread }: Place, sentAs: string): string =>
  thread === undefined || thread === sentAs ? channel : thread

const shown = ({ card, again }: Post, mark: string) =>
  discordMessage(
    card,
    mark,
    again === true ? "Sent again: Discord did not say whether the first one arrived." : "",
  )

const call = async (access: DiscordAccess, wanted: DiscordCall, signal: AbortSignal): Promise<Posted> => {
  const answer = await askDiscord(access, wanted, signal)
  return answer.ok ? { ok: true, sentAs: Message.safeParse(answer.body).data?.id ?? "" } : answer
}
