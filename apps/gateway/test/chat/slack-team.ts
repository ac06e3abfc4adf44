import type { Key } from "@twolane/protocol"
import {
  type SlackDouble,
  type SlackMessage,
  type SlackRequest,
  slackSecret,
  slackToken,
  startSlack,
} from "@twolane/testkit/chat/slack-double"
import { type OpenGateway, openGateway } from "../open-gateway.ts"

/** A gateway that a Slack knows, with a person for each role; `UNEW` is nobody's. */
export type SlackTeam = AsyncDisposable & {
  slack: SlackDouble
  gateway: OpenGateway
  /** Sends what Slack sends; answers the status. */
  send(request: SlackRequest): Promise<number>
  /** The key of each person. */
  keys: Record<"UADM" | "UMEM" | "UVIEW", Key>
  /** Messages of ours whose key says that they are such. */
  said(kind: "status" | "end" | "gate" | "say" | "rejected"): SlackMessage[]
}

export const publicUrl = "https://twolane.example.com"

export const openSlackTeam = async (): Promise<SlackTeam> => {
  const slack = await startSlack()
  const gateway = await openGateway({
    env: {
      TWOLANE_SLACK_SIGNING_SECRET: slackSecret,
      TWOLANE_SLACK_BOT_TOKEN: slackToken,
      TWOLANE_SLACK_API_URL: slack.apiUrl,
      TWOLANE_PUBLIC_URL: publicUrl,
    },
  })
  const person = async (user: string, role: string): Promise<Key> => {
    const made = await gateway.call("POST", "/v1/keys", {
      name: `the ${role} *_<!here>`.slice(0, 12).replace(/[<>]/g, ""),
      role,
    })
    const key = made.body as Key
    const link = { platform: "slack", workspace: "T1", user, key: key.id }
    const linked = await gateway.call("POST", "/v1/chat/links", link)
    if (linked.status !== 201) throw new Error(linked.text)
    return key
  }
  return {
    slack,
    gateway,
    keys: {
      UADM: await person("UADM", "admin"),
      UMEM: await person("UMEM", "member"),
      UVIEW: await person("UVIEW", "viewer"),
    },
    send: async ({ body, headers }) =>
      (await fetch(`${gateway.url}/integrations/slack`, { method: "POST", body, headers })).status,
    said: kind => slack.messages.filter(({ key }) => key?.startsWith(`slack/${kind}/`)),
    [Symbol.asyncDispose]: async () => {
      await gateway[Symbol.asyncDispose]()
      await slack[Symbol.asyncDispose]()
    },
  }
}

/** A message's buttons: what each is called, and what a click on it says. */
export const buttonsOf = ({ blocks }: SlackMessage): { label: string; id: string; value: string }[] =>
  (blocks as { type: string; elements?: Button[] }[])
    .filter(({ type }) => type === "actions")
    .flatMap(({ elements = [] }) => elements)
    .map(({ text, action_id, value = "" }) => ({ label: text.text, id: action_id, value }))

type Button = { text: { text: string }; action_id: string; value?: string }

/** All that a message says. */
export const wordsOf = (message: SlackMessage | undefined): string => JSON.stringify(message?.blocks ?? "")
