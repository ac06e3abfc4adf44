import { z } from "zod"
import type { Posted } from "../posting.ts"
import { askDiscord, type DiscordAccess } from "./call.ts"
import { threadTypes } from "./read.ts"
import type { DiscordWhere } from "./spoken.ts"

type Failed = Extract<Posted, { ok: false }>

/** Whose token it is: the bot's name, or why Discord refuses it. */
export const askDiscordWho = async (access: DiscordAccess, signal: AbortSignal): Promise<Posted> => {
  const answer = await askDiscord(access, { method: "GET", path: "/users/@me" }, signal)
  if (!answer.ok) return answer
  return { ok: true, sentAs: z.object({ username: z.string() }).parse(answer.body).username }
}

const Gateway = z.object({ url: z.url({ protocol: /^wss?$/ }) })

/** The address of Discord's gateway. A plain one is taken from an API that is plain itself, in tests. */
export const findDiscordGateway = async (
  access: DiscordAccess,
  signal: AbortSignal,
): Promise<{ ok: true; url: string } | Failed> => {
  const answer = await askDiscord(access, { method: "GET", path: "/gateway/bot" }, signal)
  if (!answer.ok) return answer
  const { data } = Gateway.safeParse(answer.body)
  if (data === undefined || (data.url.startsWith("ws:") && access.apiUrl.startsWith("https:")))
    return { ok: false, why: "refused", error: "it names no address of a gateway" }
  return { ok: true, url: data.url }
}

const Channel = z.object({ id: z.string(), type: z.number(), parent_id: z.string().nullish() })

/** Whether a channel is a thread, and of which one. */
export const findDiscordPlace = async (
  access: DiscordAccess,
  channel: string,
  signal: AbortSignal,
): Promise<({ ok: true } & DiscordWhere) | Failed> => {
  const answer = await askDiscord(access, { method: "GET", path: `/channels/${channel}` }, signal)
  if (!answer.ok) return answer
  const { type, parent_id: parent } = Channel.parse(answer.body)
  return threadTypes.has(type)
    ? { ok: true, channel: parent ?? channel, thread: channel }
    : { ok: true, channel }
}
