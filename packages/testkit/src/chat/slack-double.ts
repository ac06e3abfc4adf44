import { createHmac } from "node:crypto"
import { type ApiAnswer, type ApiCall, type ApiDouble, startApiDouble } from "./platform-double.ts"
import { faultOfForm, faultOfPage, faultOfPost, slackMethodScopes } from "./slack-rules.ts"

export type { Mishap } from "./platform-double.ts"

/** The secret that this Slack signs with. */
export const slackSecret = "0123456789abcdef0123456789abcdef"
/** The token that it gave its bot. */
export const slackToken = "xoxb-test-token-of-a-bot"

/** A message as it stands in a channel now; `edits` counts its changes. */
export type SlackMessage = {
  ts: string
  channel: string
  thread?: string
  text: string
  blocks: unknown[]
  key?: string
  edits: number
}

/** A Slack on the loopback address, as strict as it: what bots said is in `messages`, what only one person saw in `asides`. */
export type SlackDouble = ApiDouble & {
  messages: SlackMessage[]
  asides: { to: string; text: string }[]
  /** Forms that were opened: their trigger, and the view. */
  forms: { trigger: string; view: { private_metadata: string } }[]
  /** As the setting TWOLANE_SLACK_API_URL. */
  apiUrl: string
  /** An address at which somebody alone is answered. */
  responseUrl(name: string): string
}

/** Starts a Slack. */
export const startSlack = async (): Promise<SlackDouble> => {
  const messages: SlackMessage[] = []
  const asides: SlackDouble["asides"] = []
  const forms: SlackDouble["forms"] = []
  const methods: Record<string, (body: Fields) => unknown> = {
    "chat.postMessage": body => {
      const { channel = "", text = "", thread_ts: thread } = body
      const metadata = body.metadata === undefined ? undefined : JSON.parse(body.metadata)
      const ts = `1798000000.${String(messages.length + 1).padStart(6, "0")}`
      messages.push({
        ts,
        channel,
        text,
        blocks: JSON.parse(body.blocks ?? "[]"),
        edits: 0,
        ...(thread === undefined ? {} : { thread }),
        ...(metadata === undefined ? {} : { key: metadata.event_payload.key }),
      })
      return { ok: true, channel, ts }
    },
    "chat.update": body => {
      const message = messages.find(each => each.ts === body.ts && each.channel === body.channel)
      if (message === undefined) return { ok: false, error: "message_not_found" }
      Object.assign(message, {
        text: body.text,
        blocks: JSON.parse(body.blocks ?? "[]"),
        edits: message.edits + 1,
      })
      return { ok: true, channel: message.channel, ts: message.ts }
    },
    "conversations.replies": body => ({
      ok: true,
      messages: messages
        .filter(({ channel, thread }) => channel === body.channel && thread === body.ts)
        .map(shown),
    }),
    "conversations.history": body => ({
      ok: true,
      messages: messages
        .filter(each => each.channel === body.channel && each.thread === undefined)
        .map(shown),
    }),
    "auth.test": () => ({ ok: true, user: "twolane", team: "The Team", team_id: "T1" }),
    "views.open": body => {
      forms.push({ trigger: body.trigger_id ?? "", view: JSON.parse(body.view ?? "{}") })
      return { ok: true }
    },
  }
  const answer = ({ path, body, contentType, as }: ApiCall): ApiAnswer => {
    if (path.startsWith("/respond/")) {
      asides.push({ to: path.slice("/respond/".length), text: (JSON.parse(body) as { text: string }).text })
      return { json: { ok: true } }
    }
    const method = path.slice("/api/".length)
    const act = methods[method]
    if (act === undefined || slackMethodScopes[method] === undefined) return refusal("unknown_method")
    if (as !== `Bearer ${slackToken}`) return refusal("invalid_auth")
    const fields = fieldsOf(body, contentType)
    const fault = rules[method]?.(fields) ?? null
    return fault === null ? { json: act(fields) } : refusal(fault)
  }
  const double = await startApiDouble(answer)
  return {
    ...double,
    messages,
    asides,
    forms,
    apiUrl: `${double.url}/api`,
    responseUrl: name => `${double.url}/respond/${name}`,
  }
}

type Fields = Readonly<Record<string, string | undefined>>

const refusal = (error: string): ApiAnswer => ({ json: { ok: false, error } })

const rules: Readonly<Record<string, (body: Fields) => string | null>> = {
  "chat.postMessage": faultOfPost,
  "chat.update": faultOfPost,
  "conversations.replies": faultOfPage,
  "conversations.history": faultOfPage,
  "views.open": faultOfForm,
}

const fieldsOf = (body: string, contentType: string): Fields =>
  contentType.startsWith("application/json")
    ? (JSON.parse(body) as Fields)
    : Object.fromEntries(new URLSearchParams(body))

const shown = ({ ts, key }: SlackMessage) => ({
  ts,
  ...(key === undefined ? {} : { metadata: { event_type: "twolane_message", event_payload: { key } } }),
})

/** A request as Slack sends it: its body, and the headers that sign it. */
export type SlackRequest = { body: string; headers: Record<string, string> }

/** Signs a body as Slack does, `ageSeconds` ago. */
export const signSlack = (body: string, contentType: string, ageSeconds = 0): SlackRequest => {
  const time = String(Math.floor(Date.now() / 1_000) - ageSeconds)
  const digest = createHmac("sha256", slackSecret).update(`v0:${time}:${body}`).digest("hex")
  return {
    body,
    headers: {
      "content-type": contentType,
      "x-slack-request-timestamp": time,
      "x-slack-signature": `v0=${digest}`,
      "user-agent": "Slackbot 1.0 (+https://api.slack.com/robots)",
    },
  }
}

const json = "application/json"
const form = "application/x-www-form-urlencoded"
let sent = 0

/** Where and by whom something is said. */
export type SlackSaying = { user: string; channel: string; thread?: string; ts?: string; team?: string }

const event = (
  { user, channel, thread, ts, team = "T1" }: SlackSaying,
  more: Record<string, unknown>,
): SlackRequest => {
  sent += 1
  const body = {
    token: "not-used",
    team_id: team,
    api_app_id: "A1",
    type: "event_callback",
    event_id: `Ev${sent}`,
    event_time: Math.floor(Date.now() / 1_000),
    authorizations: [
      { enterprise_id: null, team_id: team, user_id: "UBOT", is_bot: true, is_enterprise_install: false },
    ],
    event: {
      user,
      channel,
      ts: ts ?? `1797000000.${String(sent).padStart(6, "0")}`,
      ...(thread === undefined ? {} : { thread_ts: thread }),
      ...more,
    },
  }
  return signSlack(JSON.stringify(body), json)
}

/** Somebody mentions the bot. */
export const slackMention = (saying: SlackSaying, text: string): SlackRequest =>
  event(saying, { type: "app_mention", text: `<@UBOT> ${text}` })

/** Somebody writes in a thread. */
export const slackReply = (saying: SlackSaying & { thread: string }, text: string): SlackRequest =>
  event(saying, { type: "message", channel_type: "channel", text })

/** Somebody uses the slash command. */
export const slackCommand = (
  { user, channel, team = "T1" }: SlackSaying,
  text: string,
  responseUrl: string,
): SlackRequest => {
  sent += 1
  const fields = {
    token: "not-used",
    team_id: team,
    channel_id: channel,
    channel_name: "dev",
    user_id: user,
    user_name: "somebody",
    command: "/twolane",
    text,
    api_app_id: "A1",
    is_enterprise_install: "false",
    response_url: responseUrl,
    trigger_id: `trigger.${sent}`,
  }
  return signSlack(new URLSearchParams(fields).toString(), form)
}

const interaction = (payload: object): SlackRequest =>
  signSlack(new URLSearchParams({ payload: JSON.stringify(payload) }).toString(), form)

/** Somebody clicks a button of a message. */
export const slackClick = (
  { user, channel, thread, team = "T1" }: SlackSaying,
  { id, value, responseUrl }: { id: string; value: string; responseUrl: string },
): SlackRequest => {
  sent += 1
  return interaction({
    type: "block_actions",
    user: { id: user, username: "somebody", team_id: team },
    api_app_id: "A1",
    token: "not-used",
    container: { type: "message", message_ts: `1798.${sent}`, channel_id: channel, thread_ts: thread },
    trigger_id: `trigger.${sent}`,
    team: { id: team, domain: "test" },
    channel: { id: channel, name: "dev" },
    message: { type: "message", ts: `1798.${sent}`, thread_ts: thread },
    response_url: responseUrl,
    actions: [
      {
        action_id: id,
        block_id: "b1",
        text: { type: "plain_text", text: "x" },
        value,
        type: "button",
        action_ts: `1798000000.${sent}`,
      },
    ],
  })
}

/** Somebody sends off a form for a note. */
export const slackForm = (
  { user, team = "T1" }: SlackSaying,
  metadata: string,
  text: string,
): SlackRequest => {
  sent += 1
  return interaction({
    type: "view_submission",
    team: { id: team, domain: "test" },
    user: { id: user, username: "somebody", team_id: team },
    trigger_id: `trigger.${sent}`,
    view: {
      id: `V${sent}`,
      callback_id: "tl-note",
      private_metadata: metadata,
      state: { values: { note: { text: { type: "plain_text_input", value: text } } } },
    },
  })
}
