import type { Gateway } from "../gateway.ts"
import type { App } from "../http/app.ts"
import type { Platform } from "../inbox/platform.ts"
import { accessOf, discordPlatform, discordSurface, registerCommand } from "./discord.ts"
import { startDiscordSocket } from "./discord-socket.ts"
import { handleIncoming } from "./handle.ts"
import { startChatSender } from "./sender.ts"
import { slackPlatform, slackSurface } from "./slack.ts"
import type { Arrived, Surface } from "./surface.ts"

/** The chat platforms that are set up. */
export type Chat = {
  /** As requests come from them. */
  platforms: readonly Platform[]
  /** Begins to act on what comes in, through the routes of `app`, and to send. */
  start(app: App): AsyncDisposable
}

/** Makes the chat platforms that the settings name. */
export const openChat = (gateway: Gateway): Chat => {
  const { slack, discord } = gateway.config.chat
  const ready = Promise.withResolvers<App>()
  const handle = async (arrived: Arrived) => handleIncoming({ gateway, app: await ready.promise }, arrived)
  const surfaces: Surface[] = []
  const platforms: Platform[] = []
  if (slack !== null) {
    const surface = slackSurface(slack)
    surfaces.push(surface)
    platforms.push(slackPlatform(slack, surface, handle))
  }
  if (discord !== null) {
    const surface = discordSurface(discord)
    surfaces.push(surface)
    platforms.push(discordPlatform(gateway, { setting: discord, surface }, handle))
  }
  return {
    platforms,
    start: app => {
      ready.resolve(app)
      const sender = startChatSender(gateway, surfaces)
      const registered = discord === null ? Promise.resolve() : registerCommand(gateway, discord)
      const socket = discord === null ? null : startDiscordSocket(gateway, accessOf(discord))
      return {
        [Symbol.asyncDispose]: async () => {
          await sender[Symbol.asyncDispose]()
          await Promise.all([registered, socket?.[Symbol.asyncDispose]()])
        },
      }
    },
  }
}
