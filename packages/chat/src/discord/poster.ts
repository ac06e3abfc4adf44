import { z } from "zod"
import type { Place } from "../incoming.ts"
import type { Found, Post, Posted, Poster } from "../posting.ts"
import { discordMessage, markOf } from "./message.ts"

/** Where Discord's API is, and how to call it. */
export type DiscordAccess = { apiUrl: string; token: string; applicationId: string }

const timeoutMs = 10_000
const shortestRestMs = 1_000
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
  post: (place, post, signal) => {
    const mark = markOf(post.key)
    const body = { ...shown(post, mark), nonce: mark, enforce_nonce: true }
    return call(
      access,
      { method: "POST", path: `/channels/${place.thread ?? place.channel}/messages`, body },
      signal,
    )
  },
  edit: (place, sentAs, post, signal) => {
    const path = `/channels/${homeOf(place, sentAs)}/messages/${sentAs}`
    return call(access, { method: "PATCH", path, body: shown(post, markOf(post.key)) }, signal)
  },
  find: async (place, key, sinceMs, signal): Promise<Found> => {
    const after = (BigInt(Math.max(0, Math.floor(sinceMs - skewMs - epochMs))) << 22n).toString()
    const path = `/channels/${place.thread ?? place.channel}/messages?limit=${pageSize}&after=${after}`
    const answer = await ask(access, { method: "GET", path }, signal)
    if (!answer.ok) return answer
    const mark = markOf(key)
    const found = Messages.safeParse(answer.body).data?.find(({ embeds }) => embeds[0]?.footer?.text === mark)
    return { ok: true, sentAs: found?.id ?? null }
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

type Call = { method: "GET" | "POST" | "PATCH"; path: string; body?: object }
type Failed = Extract<Posted, { ok: false }>

const call = async (access: DiscordAccess, wanted: Call, signal: AbortSignal): Promise<Posted> => {
  const answer = await ask(access, wanted, signal)
  return answer.ok ? { ok: true, sentAs: Message.safeParse(answer.body).data?.id ?? "" } : answer
}

/** @throws the signal's reason */
const ask = async (
  { apiUrl, token }: DiscordAccess,
  { method, path, body }: Call,
  signal: AbortSignal,
): Promise<{ ok: true; body: unknown } | Failed> => {
  const timeout = AbortSignal.timeout(timeoutMs)
  try {
    const response = await fetch(apiUrl + path, {
      method,
      redirect: "error",
      headers: {
        authorization: `Bot ${token}`,
        "user-agent": "DiscordBot (https://github.com/twolane, 0.1.0)",
        ...(body === undefined ? {} : { "content-type": "application/json" }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.any([timeout, signal]),
    })
    const text = await response.text()
    return response.ok ? { ok: true, body: text === "" ? null : JSON.parse(text) } : failureOf(response, text)
  } catch (error) {
    signal.throwIfAborted()
    const said = error instanceof Error ? error.message : String(error)
    return { ok: false, why: "unsure", error: said.slice(0, 300), ...(timeout.aborted ? { late: true } : {}) }
  }
}

const failureOf = (response: Response, text: string): Failed => {
  const { status } = response
  if (status === 429) {
    const seconds = Number(response.headers.get("retry-after"))
    const retryAfterMs = Number.isFinite(seconds) && seconds > 0 ? Math.ceil(seconds * 1_000) : shortestRestMs
    return { ok: false, why: "limited", retryAfterMs }
  }
  if (status >= 500) return { ok: false, why: "unsure", error: `Discord answered ${status}` }
  const code = /"code":\s*(\d{1,7})/.exec(text)?.[1] ?? ""
  return { ok: false, why: "refused", error: `${code} ${text}`.slice(0, 300) }
}

/** Whose token it is: the bot's name, or why Discord refuses it. */
export const askDiscordWho = async (access: DiscordAccess, signal: AbortSignal): Promise<Posted> => {
  const answer = await ask(access, { method: "GET", path: "/users/@me" }, signal)
  if (!answer.ok) return answer
  return { ok: true, sentAs: z.object({ username: z.string() }).parse(answer.body).username }
}
