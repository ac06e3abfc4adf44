import {
  type Incoming,
  openNoteForm,
  readChallenge,
  readSlack,
  slackMarkup,
  slackPoster,
} from "@twolane/chat"
import type { SlackSetting } from "@twolane/common"
import { Fault } from "@twolane/protocol"
import type { Platform, Verified } from "../inbox/platform.ts"
import { isFresh, isSignedBy } from "../inbox/signature.ts"
import type { Arrived, Surface } from "./surface.ts"

/** Slack's own are smaller; a message has at most 40,000 characters. */
const maxBodyBytes = 512 * 1024

/** Slack, as messages go there. */
export const slackSurface = ({ botToken, apiUrl }: SlackSetting): Surface => {
  // The SDK resolves methods against the base as a folder.
  const access = { apiUrl: `${apiUrl}/`, token: botToken }
  return {
    platform: "slack",
    markup: slackMarkup,
    poster: slackPoster(access),
    // `chat.update` may be called about 50 times a minute in a workspace: most of it is left to what must be said.
    wordsEveryMs: 2_000,
    order: "@twolane",
    openForm: async (trigger, about, signal) => (await openNoteForm(access, trigger, about, signal)).ok,
  }
}

/** Slack, as requests come from there: events, slash commands and clicks all at one address. */
export const slackPlatform = (
  { signingSecret: secret }: SlackSetting,
  surface: Surface,
  handle: (arrived: Arrived) => Promise<void>,
): Platform => ({
  name: "slack",
  maxBodyBytes,
  verify: (headers, raw, now): Verified => {
    const { "x-slack-request-timestamp": time, "x-slack-signature": signature } = headers
    const signed = [`v0:${String(time)}:`, raw]
    if (!isFresh(time, now) || !isSignedBy(signature, { prefix: "v0=", secret, signed }))
      throw new Fault("unauthorized", "Its signature is not Slack's, or is older than five minutes.")
    const contentType = headers["content-type"] ?? ""
    const challenge = orNull(() => readChallenge(raw.toString(), contentType))
    if (challenge !== null) return { answer: { status: 200, body: { challenge } } }
    const incoming = read(raw, contentType)
    if (incoming.kind === "none") return { answer: heard }
    const { channel, thread = "" } = incoming.place
    // Its id follows from what was signed, so that a replay is one; Slack's own retries are known by their body.
    return {
      keep: { id: `${String(time)}.${String(signature)}`, conversation: `${channel}/${thread}` },
      answer: heard,
    }
  },
  handle: ({ id, raw, headers, receivedAt }) =>
    handle({ surface, delivery: id, receivedAt, incoming: read(raw, headers["content-type"] ?? "") }),
})

/** An empty answer: Slack shows it to nobody, and closes a form. */
const heard = { status: 200, body: "" }

const read = (raw: Buffer, contentType: string): Incoming =>
  orNull(() => readSlack(raw.toString(), contentType)) ?? { kind: "none" }

/** What is no payload of Slack's is nothing for us, whoever signed it. */
const orNull = <Value>(parse: () => Value): Value | null => {
  try {
    return parse()
  } catch {
    return null
  }
}
