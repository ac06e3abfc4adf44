import type { Key, Task } from "@twolane/protocol"
import {
  type DiscordDouble,
  type DiscordMessage,
  discordApplication,
  discordPublicKey,
  discordToken,
  startDiscord,
} from "@twolane/testkit/chat/discord-double"
import { type OpenGateway, openGateway } from "../open-gateway.ts"

export const server = "400000000000000001"
export const channel = "600000000000000001"
export const member = "500000000000000001"
export const stranger = "500000000000000009"

/** A gateway that a Discord knows, with one person, a member. */
export type DiscordTeam = AsyncDisposable & {
  discord: DiscordDouble
  gateway: OpenGateway
  tasks(): Promise<Task[]>
  /** All that stands in a channel or thread, oldest first. */
  said(channel: string): string[]
  /** Our message in the channel that has a word in it. */
  root(word: string): DiscordMessage | undefined
}

export const openDiscordTeam = async (): Promise<DiscordTeam> => {
  const discord = await startDiscord()
  const gateway = await openGateway({
    env: {
      TWOLANE_DISCORD_PUBLIC_KEY: discordPublicKey,
      TWOLANE_DISCORD_BOT_TOKEN: discordToken,
      TWOLANE_DISCORD_APPLICATION_ID: discordApplication,
      TWOLANE_DISCORD_API_URL: discord.url,
    },
  })
  const key = (await gateway.call("POST", "/v1/keys", { name: "Mem", role: "member" })).body as Key
  const link = { platform: "discord", workspace: server, user: member, key: key.id }
  const linked = await gateway.call("POST", "/v1/chat/links", link)
  if (linked.status !== 201) throw new Error(linked.text)
  const words = ({ body }: DiscordMessage) => JSON.stringify(body.embeds)
  const inChannel = (id: string) => discord.messages.filter(each => each.channel === id)
  return {
    discord,
    gateway,
    tasks: async () => ((await gateway.call("GET", "/v1/tasks?limit=200")).body as { items: Task[] }).items,
    said: id => inChannel(id).map(words),
    root: word => inChannel(channel).find(each => words(each).includes(word)),
    [Symbol.asyncDispose]: async () => {
      await gateway[Symbol.asyncDispose]()
      await discord[Symbol.asyncDispose]()
    },
  }
}
