import { generateKeyPairSync, sign } from "node:crypto"
import { type ApiAnswer, type ApiCall, type ApiDouble, startApiDouble } from "./platform-double.ts"

const pair = generateKeyPairSync("ed25519")
/** The key by which Discord's signatures are checked, as the setting has it. */
export const discordPublicKey = Buffer.from(
  pair.publicKey.export({ format: "jwk" }).x ?? "",
  "base64url",
).toString("hex")
export const discordApplication = "100000000000000001"

/** A message as it stands now. */
export type DiscordMessage = {
  id: string
  channel: string
  body: DiscordBody
  edits: number
}
type DiscordBody = {
  nonce?: string
  allowed_mentions: { parse: string[] }
  embeds: { description: string; footer: { text: string }; fields: { name: string; value: string }[] }[]
  components: { components: { label: string; custom_id?: string }[] }[]
}

/** A Discord on the loopback address. It keeps nonces as long as it lives, unless `forgetNonces`. */
export type DiscordDouble = ApiDouble & {
  messages: DiscordMessage[]
  /** What one person alone saw, by the token of their interaction. */
  asides: { token: string; text: string }[]
  commands: unknown[]
  threads: { channel: string; message: string; name: string }[]
  forgetNonces: () => void
}

/** Starts a Discord. */
export const startDiscord = async (): Promise<DiscordDouble> => {
  const messages: DiscordMessage[] = []
  const asides: DiscordDouble["asides"] = []
  const commands: unknown[] = []
  const threads: DiscordDouble["threads"] = []
  const nonces = new Map<string, DiscordMessage>()
  const post = (channel: string, body: DiscordBody): ApiAnswer => {
    const known = body.nonce === undefined ? undefined : nonces.get(body.nonce)
    if (known !== undefined) return { json: { id: known.id } }
    const message = {
      id: `20000000000000${String(messages.length + 1).padStart(4, "0")}`,
      channel,
      body,
      edits: 0,
    }
    messages.push(message)
    if (body.nonce !== undefined) nonces.set(body.nonce, message)
    return { json: { id: message.id } }
  }
  const routes: [string, RegExp, (parts: string[], body: never) => ApiAnswer][] = [
    ["POST", /^\/channels\/(\d+)\/messages$/, ([channel = ""], body: DiscordBody) => post(channel, body)],
    [
      "GET",
      /^\/channels\/(\d+)\/messages\?/,
      ([channel]) => ({
        json: messages
          .filter(each => each.channel === channel)
          .map(({ id, body }) => ({ id, embeds: body.embeds })),
      }),
    ],
    [
      "PATCH",
      /^\/channels\/(\d+)\/messages\/(\d+)$/,
      ([channel, id], body: DiscordBody) => {
        const message = messages.find(each => each.id === id && each.channel === channel)
        if (message === undefined) return { status: 404, json: { code: 10_008, message: "Unknown Message" } }
        Object.assign(message, { body, edits: message.edits + 1 })
        return { json: { id } }
      },
    ],
    [
      "POST",
      /^\/channels\/(\d+)\/messages\/(\d+)\/threads$/,
      ([channel = "", message = ""], { name }: { name: string }) => {
        if (threads.some(each => each.message === message)) return { status: 400, json: { code: 160_004 } }
        threads.push({ channel, message, name })
        return { status: 201, json: { id: message } }
      },
    ],
    [
      "PATCH",
      /^\/webhooks\/\d+\/([^/]+)\/messages\/@original$/,
      ([token = ""], body: DiscordBody) => {
        asides.push({ token, text: body.embeds[0]?.description ?? "" })
        return { json: { id: "1" } }
      },
    ],
    [
      "POST",
      /^\/webhooks\/\d+\/([^/]+)$/,
      ([token = ""], body: DiscordBody) => {
        asides.push({ token, text: body.embeds[0]?.description ?? "" })
        return { json: { id: "1" } }
      },
    ],
    ["GET", /^\/users\/@me$/, () => ({ json: { id: discordApplication, username: "twolane" } })],
    [
      "POST",
      /^\/applications\/\d+\/commands$/,
      (_parts, body) => {
        commands.push(body)
        return { status: 201, json: { id: "1" } }
      },
    ],
  ]
  const answer = ({ method, path, body }: ApiCall): ApiAnswer => {
    for (const [verb, pattern, act] of routes) {
      const parts = pattern.exec(path)
      if (verb === method && parts !== null)
        return act(parts.slice(1), (body === "" ? undefined : JSON.parse(body)) as never)
    }
    return { status: 404, json: { code: 0, message: "404: Not Found" } }
  }
  const double = await startApiDouble(answer)
  return { ...double, messages, asides, commands, threads, forgetNonces: () => nonces.clear() }
}

/** A request as Discord sends it. */
export type DiscordRequest = { body: string; headers: Record<string, string> }

/** Signs a body as Discord does, `ageSeconds` ago. */
export const signDiscord = (body: string, ageSeconds = 0): DiscordRequest => {
  const time = String(Math.floor(Date.now() / 1_000) - ageSeconds)
  const signature = sign(null, Buffer.from(time + body), pair.privateKey).toString("hex")
  return {
    body,
    headers: {
      "content-type": "application/json",
      "x-signature-timestamp": time,
      "x-signature-ed25519": signature,
      "user-agent": "Discord-Interactions/1.0 (+https://discord.com)",
    },
  }
}

let sent = 0

/** Where and by whom something is said; a `thread` is a channel of its own. */
export type DiscordSaying = { user: string; channel: string; thread?: string; token: string }

const interaction = ({ user, channel, thread, token }: DiscordSaying, more: object): DiscordRequest => {
  sent += 1
  return signDiscord(
    JSON.stringify({
      id: `3000000000000${String(sent).padStart(5, "0")}`,
      application_id: discordApplication,
      token,
      version: 1,
      guild_id: "400000000000000001",
      channel_id: thread ?? channel,
      channel: thread === undefined ? { id: channel, type: 0 } : { id: thread, type: 11, parent_id: channel },
      member: { user: { id: user, username: "somebody" }, roles: [], permissions: "0" },
      locale: "en-US",
      ...more,
    }),
  )
}

/** Discord asks whether an address is ours. */
export const discordPing = (): DiscordRequest => signDiscord(JSON.stringify({ type: 1 }))

/** Somebody uses the slash command. */
export const discordCommand = (saying: DiscordSaying, order: string): DiscordRequest =>
  interaction(saying, {
    type: 2,
    data: { id: "1", name: "twolane", type: 1, options: [{ type: 3, name: "order", value: order }] },
  })

/** Somebody clicks a button. */
export const discordClick = (saying: DiscordSaying, customId: string): DiscordRequest =>
  interaction(saying, { type: 3, data: { component_type: 2, custom_id: customId }, message: { id: "1" } })

/** Somebody sends off a form. */
export const discordForm = (saying: DiscordSaying, customId: string, text: string): DiscordRequest =>
  interaction(saying, {
    type: 5,
    data: {
      custom_id: customId,
      components: [{ type: 1, components: [{ type: 4, custom_id: "text", value: text }] }],
    },
  })
