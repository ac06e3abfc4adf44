import { generateKeyPairSync, sign } from "node:crypto"
import { type DiscordGatewayDouble, startDiscordGateway } from "./discord-gateway-double.ts"
import { faultOfCommand, faultOfMessage, faultOfThread } from "./discord-rules.ts"
import { type ApiAnswer, type ApiCall, type ApiDouble, startApiDouble } from "./platform-double.ts"

const pair = generateKeyPairSync("ed25519")
/** The key by which Discord's signatures are checked, as the setting has it. */
export const discordPublicKey = Buffer.from(
  pair.publicKey.export({ format: "jwk" }).x ?? "",
  "base64url",
).toString("hex")
export const discordApplication = "100000000000000001"
/** The token that it gave its bot. */
export const discordToken = "a-token-of-a-discord-bot"

/** A message as it stands now. */
export type DiscordMessage = {
  id: string
  channel: string
  body: DiscordBody
  edits: number
  /** Files that it was posted with. */
  files: DiscordFile[]
}
type DiscordFile = { name: string; text: string }
type DiscordBody = {
  nonce?: string
  allowed_mentions: { parse: string[] }
  embeds: { description: string; footer: { text: string }; fields: { name: string; value: string }[] }[]
  components: { components: { label: string; custom_id?: string }[] }[]
}

/** A Discord on the loopback address, as strict as it. It keeps nonces as long as it lives, unless `forgetNonces`. */
export type DiscordDouble = ApiDouble & {
  messages: DiscordMessage[]
  /** What one person alone saw, by the token of their interaction. */
  asides: { token: string; text: string }[]
  commands: unknown[]
  threads: { channel: string; message: string; name: string }[]
  forgetNonces: () => void
  /** Whether the bot may attach files. */
  mayAttach: (may: boolean) => void
  /** Its gateway, where people's words are heard. */
  gateway: DiscordGatewayDouble
}

/** Starts a Discord. */
export const startDiscord = async (): Promise<DiscordDouble> => {
  const messages: DiscordMessage[] = []
  const asides: DiscordDouble["asides"] = []
  const commands: unknown[] = []
  const threads: DiscordDouble["threads"] = []
  const gateway = await startDiscordGateway(discordToken)
  const nonces = new Map<string, DiscordMessage>()
  let attaching = true
  const post = (channel: string, body: DiscordBody, files: DiscordFile[]): ApiAnswer => {
    const fault = faultOfMessage(body, files.length)
    if (fault !== null) return invalid(fault)
    if (files.length > 0 && !attaching) return refusal(403, 50_013, "Missing Permissions")
    const known = body.nonce === undefined ? undefined : nonces.get(body.nonce)
    if (known !== undefined) return { json: { id: known.id } }
    const message = {
      id: `20000000000000${String(messages.length + 1).padStart(4, "0")}`,
      channel,
      body,
      edits: 0,
      files,
    }
    messages.push(message)
    if (body.nonce !== undefined) nonces.set(body.nonce, message)
    return { json: { id: message.id } }
  }
  const answerAlone = ([token = ""]: string[], body: DiscordBody): ApiAnswer => {
    const fault = faultOfMessage(body, 0)
    if (fault !== null) return invalid(fault)
    asides.push({ token, text: body.embeds[0]?.description ?? "" })
    return { json: { id: "1" } }
  }
  const routes: [string, RegExp, (parts: string[], body: never, files: DiscordFile[]) => ApiAnswer][] = [
    [
      "POST",
      /^\/channels\/(\d+)\/messages$/,
      ([channel = ""], body: DiscordBody, files) => post(channel, body, files),
    ],
    [
      "GET",
      /^\/channels\/(\d+)\/messages\?(.+)$/,
      ([channel, query]) => {
        const around = new URLSearchParams(query).get("around")
        return {
          json: messages
            .filter(each => each.channel === channel && (around ?? each.id) === each.id)
            .map(({ id, body }) => ({ id, embeds: body.embeds })),
        }
      },
    ],
    [
      "PATCH",
      /^\/channels\/(\d+)\/messages\/(\d+)$/,
      ([channel, id], body: DiscordBody) => {
        const message = messages.find(each => each.id === id && each.channel === channel)
        if (message === undefined) return refusal(404, 10_008, "Unknown Message")
        const fault = faultOfMessage(body, message.files.length)
        if (fault !== null) return invalid(fault)
        Object.assign(message, { body, edits: message.edits + 1 })
        return { json: { id } }
      },
    ],
    [
      "POST",
      /^\/channels\/(\d+)\/messages\/(\d+)\/threads$/,
      ([channel = "", message = ""], body: { name: string }) => {
        const { name } = body
        const fault = faultOfThread(body)
        if (fault !== null) return invalid(fault)
        if (!messages.some(each => each.id === message && each.channel === channel))
          return refusal(404, 10_008, "Unknown Message")
        if (threads.some(each => each.message === message))
          return refusal(400, 160_004, "A thread has already been created for this message")
        threads.push({ channel, message, name })
        return { status: 201, json: { id: message } }
      },
    ],
    ["PATCH", /^\/webhooks\/\d+\/([^/]+)\/messages\/@original$/, answerAlone],
    ["POST", /^\/webhooks\/\d+\/([^/]+)$/, answerAlone],
    ["GET", /^\/gateway\/bot$/, () => ({ json: { url: gateway.url, shards: 1 } })],
    [
      "GET",
      /^\/channels\/(\d+)$/,
      ([id = ""]) => {
        const thread = threads.find(({ message }) => message === id)
        return { json: thread === undefined ? { id, type: 0 } : { id, type: 11, parent_id: thread.channel } }
      },
    ],
    ["GET", /^\/users\/@me$/, () => ({ json: { id: discordApplication, username: "twolane" } })],
    [
      "POST",
      /^\/applications\/\d+\/commands$/,
      (_parts, body) => {
        const fault = faultOfCommand(body)
        if (fault !== null) return invalid(fault)
        commands.push(body)
        return { status: 201, json: { id: "1" } }
      },
    ],
  ]
  const answer = async (call: ApiCall): Promise<ApiAnswer> => {
    const { method, path, as } = call
    // The token of an interaction is its own right.
    if (as !== `Bot ${discordToken}` && !path.startsWith("/webhooks/"))
      return refusal(401, 0, "401: Unauthorized")
    const { body, files } = await sentIn(call)
    for (const [verb, pattern, act] of routes) {
      const parts = pattern.exec(path)
      if (verb === method && parts !== null) return act(parts.slice(1), body as never, files)
    }
    return refusal(404, 0, "404: Not Found")
  }
  const double = await startApiDouble(answer)
  return {
    ...double,
    messages,
    asides,
    commands,
    threads,
    gateway,
    forgetNonces: () => nonces.clear(),
    mayAttach: may => {
      attaching = may
    },
    [Symbol.asyncDispose]: async () => {
      await gateway[Symbol.asyncDispose]()
      await double[Symbol.asyncDispose]()
    },
  }
}

const refusal = (status: number, code: number, message: string): ApiAnswer => ({
  status,
  json: { code, message },
})
const invalid = (what: string): ApiAnswer => ({
  status: 400,
  json: { code: 50_035, message: "Invalid Form Body", errors: { what } },
})

/** What a call brings: JSON, or JSON with files beside it. */
const sentIn = async ({ body, contentType }: ApiCall): Promise<{ body: unknown; files: DiscordFile[] }> => {
  if (!contentType.startsWith("multipart/form-data"))
    return { body: body === "" ? undefined : JSON.parse(body), files: [] }
  const form = await new Response(body, { headers: { "content-type": contentType } }).formData()
  const files: DiscordFile[] = []
  for (const [name, value] of form)
    if (typeof value !== "string" && /^files\[\d\]$/.test(name))
      files.push({ name: value.name, text: await value.text() })
  const json = form.get("payload_json")
  return { body: typeof json === "string" ? JSON.parse(json) : undefined, files }
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
