import { createPublicKey, verify as verifySignature } from "node:crypto"
import {
  type DiscordAccess,
  discordMarkup,
  discordPoster,
  openDiscordThread,
  readDiscord,
  registerDiscordCommand,
} from "@twolane/chat"
import type { DiscordSetting } from "@twolane/common"
import { Fault } from "@twolane/protocol"
import type { Gateway } from "../gateway.ts"
import type { Platform, Verified } from "../inbox/platform.ts"
import { isFresh } from "../inbox/signature.ts"
import type { Arrived, Surface } from "./surface.ts"

const maxBodyBytes = 256 * 1024

const accessOf = ({ apiUrl, botToken, applicationId }: DiscordSetting): DiscordAccess => ({
  apiUrl,
  token: botToken,
  applicationId,
})

/** Discord, as messages go there. A form is the answer to a click itself, so that none is opened later. */
export const discordSurface = (setting: DiscordSetting): Surface => {
  const access = accessOf(setting)
  return {
    platform: "discord",
    markup: discordMarkup,
    poster: discordPoster(access),
    order: "/twolane",
    openThread: (at, signal) => openDiscordThread(access, at, signal),
    openForm: async () => false,
  }
}

/** Discord, as interactions come from there: slash commands, clicks and forms, all at one address. */
export const discordPlatform = (
  { publicKey }: DiscordSetting,
  surface: Surface,
  handle: (arrived: Arrived) => Promise<void>,
): Platform => {
  const x = Buffer.from(publicKey, "hex").toString("base64url")
  const key = createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x }, format: "jwk" })
  return {
    name: "discord",
    maxBodyBytes,
    verify: (headers, raw, now): Verified => {
      const { "x-signature-timestamp": time, "x-signature-ed25519": signature } = headers
      const holds =
        isFresh(time, now) &&
        typeof signature === "string" &&
        /^[0-9a-f]{128}$/.test(signature) &&
        verifySignature(
          null,
          Buffer.concat([Buffer.from(String(time)), raw]),
          key,
          Buffer.from(signature, "hex"),
        )
      if (!holds)
        throw new Fault("unauthorized", "Its signature is not Discord's, or is older than five minutes.")
      const read = readDiscord(raw.toString())
      switch (read.kind) {
        case "ping":
          return { answer: { status: 200, body: { type: 1 } } }
        case "form":
          return { answer: { status: 200, body: read.answer } }
        case "none":
          throw new Fault("bad-request", "It is no interaction that Twolane knows.")
        case "incoming": {
          const { channel, thread = "" } = read.incoming.place
          const keep = { id: read.id, conversation: `${channel}/${thread}` }
          return { keep, answer: { status: 200, body: read.answer } }
        }
      }
    },
    handle: async ({ id, raw }) => {
      const read = readDiscord(raw.toString())
      if (read.kind === "incoming") await handle({ surface, delivery: id, incoming: read.incoming })
    },
  }
}

/** Makes the slash command, beside everything else: what it needs is said in the log. */
export const registerCommand = async ({ log, ending }: Gateway, setting: DiscordSetting): Promise<void> => {
  try {
    const made = await registerDiscordCommand(accessOf(setting), ending)
    if (!made.ok)
      log.warn({ made }, "Discord's slash command was not made; it is tried again at the next start")
  } catch (error) {
    if (!ending.aborted) throw error
  }
}
