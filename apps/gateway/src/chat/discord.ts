import { createPublicKey, type KeyObject, verify as verifySignature } from "node:crypto"
import type { IncomingHttpHeaders } from "node:http"
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
import { isSpoken, spokenArrived } from "./discord-spoken.ts"
import type { Arrived, Surface } from "./surface.ts"

const maxBodyBytes = 256 * 1024

/** How Discord is called. */
export const accessOf = ({ apiUrl, botToken, applicationId }: DiscordSetting): DiscordAccess => ({
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
    // A channel takes about five edits in five seconds.
    wordsEveryMs: 1_500,
    order: "/twolane",
    openThread: (at, signal) => openDiscordThread(access, at, signal),
    openForm: async () => false,
  }
}

/** An application's public key, from its hex digits. */
export const discordKey = (publicKey: string): KeyObject => {
  const x = Buffer.from(publicKey, "hex").toString("base64url")
  return createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x }, format: "jwk" })
}

/** Whether what was sent, with its time, is signed by that key: 128 lower-case hex digits, and nothing else. */
export const isSignedBy = (key: KeyObject, headers: IncomingHttpHeaders, raw: Buffer): boolean => {
  const { "x-signature-timestamp": time, "x-signature-ed25519": signature } = headers
  if (typeof time !== "string" || typeof signature !== "string") return false
  if (!/^[0-9a-f]{128}$/.test(signature)) return false
  return verifySignature(null, Buffer.concat([Buffer.from(time), raw]), key, Buffer.from(signature, "hex"))
}

/** Discord, as interactions come from there: slash commands, clicks and forms, all at one address. */
export const discordPlatform = (
  gateway: Gateway,
  { setting, surface }: { setting: DiscordSetting; surface: Surface },
  handle: (arrived: Arrived) => Promise<void>,
): Platform => {
  const { publicKey } = setting
  const access = accessOf(setting)
  const key = discordKey(publicKey)
  return {
    name: "discord",
    maxBodyBytes,
    verify: (headers, raw, now): Verified => {
      const holds = isSignedBy(key, headers, raw) && isFresh(headers["x-signature-timestamp"], now)
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
    handle: async received => {
      if (isSpoken(received)) {
        const arrived = await spokenArrived(gateway, { surface, access }, received)
        return arrived === null ? undefined : handle(arrived)
      }
      const { id, raw, receivedAt } = received
      const read = readDiscord(raw.toString())
      if (read.kind === "incoming")
        await handle({ surface, delivery: id, receivedAt, incoming: read.incoming })
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
